/**
 * Exponential moving average of the weights, as in the codes of Gowal et al. (2020) and SCORE: it follows the weights themselves for
 * the first 2.5 % of the steps, then with a decay that grows to the one asked for. Running statistics of batch normalisation
 * are not averaged; those of the weights are taken.
 */
import type { Weights } from '../weights/weights.ts';

const warmupShare = 0.025;

/** Share of the average that stays at a step, counted from 1. */
export function decayAt(step: number, steps: number, decay: number): number {
  const since = step - warmupShare * steps;
  return since < 0 ? 0 : Math.min(decay, (1 + since) / (10 + since));
}

export class MovingAverage {
  private readonly average: Record<string, Float32Array>;

  /**
   * names: the tensors that are averaged; steps: of the whole training.
   * @param start where it is before the next step: the weights, or a snapshot
   */
  constructor(
    private readonly options: { decay: number; steps: number; names: readonly string[] },
    start: Weights,
  ) {
    const copy = (name: string) => Float32Array.from((start[name] as Weights[string]).data);
    this.average = Object.fromEntries(options.names.map((name) => [name, copy(name)]));
  }

  /** Takes in the weights after a step, counted from 1. */
  add(weights: Weights, step: number): void {
    const kept = decayAt(step, this.options.steps, this.options.decay);
    for (const [name, average] of Object.entries(this.average)) {
      const { data } = weights[name] as Weights[string];
      for (let index = 0; index < average.length; index++)
        average[index] = kept * (average[index] as number) + (1 - kept) * (data[index] as number);
    }
  }

  /** The averaged weights, with the running statistics of these. */
  snapshot(weights: Weights): Weights {
    const averaged = Object.entries(this.average).map(([name, data]) => [
      name,
      { ...(weights[name] as Weights[string]), data: data.slice() },
    ]);
    return { ...weights, ...Object.fromEntries(averaged) };
  }
}
