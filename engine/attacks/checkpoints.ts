/** When Auto-PGD halves its step (Croce and Hein, 2020, section 3.1). All numbers are the published ones. */

/** Share of the steps that the first period takes, by how much each period is shorter than the last, and the least that one has. */
const [firstPeriod, shorter, leastPeriod] = [0.22, 0.03, 0.06];
/** Share of the steps of a period that have to raise the loss. */
const leastRises = 0.75;

const share = (steps: number, of: number) => Math.max(1, Math.floor(of * steps));

export class Checkpoints {
  private period: number;
  private taken = 0;
  /** At the last checkpoint. */
  private lastBest = Number.NaN;
  private lastHalved = true;

  constructor(
    private readonly steps: number,
    public stepSize: number,
  ) {
    this.period = share(steps, firstPeriod);
  }

  /** Steps to the next checkpoint. */
  get left(): number {
    return this.period - this.taken;
  }

  /** The loss of the start. */
  begin(loss: number): void {
    this.lastBest = loss;
  }

  /** Counts steps, `left` at most. True where that reaches a checkpoint, at which they are to be judged. */
  take(steps: number): boolean {
    this.taken += steps;
    return this.left === 0;
  }

  /**
   * Judges the steps since the last checkpoint: how many raised the loss, and the best loss of all. True where the step is halved,
   * and the run goes on from its best point.
   */
  judge(rises: number, best: number): boolean {
    const oscillates = rises <= leastRises * this.period;
    const halved = oscillates || (!this.lastHalved && this.lastBest >= best);
    if (halved) this.stepSize /= 2;
    this.lastHalved = halved;
    this.lastBest = best;
    this.period = Math.max(this.period - share(this.steps, shorter), share(this.steps, leastPeriod));
    this.taken = 0;
    return halved;
  }
}
