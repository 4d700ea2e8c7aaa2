/** When Auto-PGD halves its step (Croce and Hein, 2020, section 3.1). All numbers are the published ones. */

/** Share of the steps that the first period takes, by how much each period is shorter than the last, and the least that one has. */
const [firstPeriod, shorter, leastPeriod] = [0.22, 0.03, 0.06];
/** Share of the steps of a period that have to raise the loss. */
const leastRises = 0.75;

const share = (steps: number, of: number) => Math.max(1, Math.floor(of * steps));

export class Checkpoints {
  private period: number;
  private taken = 0;
  private rises = 0;
  private lastLoss = Number.NaN;
  /** At the last checkpoint. */
  private lastBest = Number.NaN;
  private lastHalved = true;

  constructor(
    private readonly steps: number,
    public stepSize: number,
  ) {
    this.period = share(steps, firstPeriod);
  }

  /** The loss of the start. */
  begin(loss: number): false {
    this.lastLoss = loss;
    this.lastBest = loss;
    return false;
  }

  /** Takes the loss after a step, and the best so far. True where the step is halved, and the run goes on from its best point. */
  after(loss: number, best: number): boolean {
    if (loss > this.lastLoss) this.rises += 1;
    this.lastLoss = loss;
    this.taken += 1;
    if (this.taken < this.period) return false;
    const oscillates = this.rises <= leastRises * this.period;
    const halved = oscillates || (!this.lastHalved && this.lastBest >= best);
    if (halved) this.stepSize /= 2;
    this.lastHalved = halved;
    this.lastBest = best;
    this.period = Math.max(this.period - share(this.steps, shorter), share(this.steps, leastPeriod));
    this.taken = 0;
    this.rises = 0;
    return halved;
  }
}
