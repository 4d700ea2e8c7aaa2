/**
 * Square attack (Andriushchenko et al., 2020) in the l-infinity ball: a random search that asks for nothing but the network's outputs.
 * It starts from vertical stripes and puts squares of random colours, ever smaller, at random places; one that lowers the margin stays.
 */
import type { SquareConfig } from '../config.ts';
import type { RandomStream } from '../random.ts';
import type { Attack, AttackKind, AttackTools, Finding, Target } from './attack.ts';
import { numbers, rowOf, stacked } from './rows.ts';

/** Share of the image that the first square covers. */
const firstShare = 0.8;
/** Queries after which the share is halved, as published for searches of any length. */
const halvings = [10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000];

interface Attempt {
  target: Target;
  stream: RandomStream;
  /** Asked so far, those included that need no answer. */
  queries: number;
  best: Float32Array;
  margin: number;
  /** What is asked next. */
  candidate: Float32Array;
}

class Square implements Attack<Attempt> {
  constructor(
    private readonly tools: AttackTools,
    private readonly config: SquareConfig,
  ) {}

  begin(target: Target): Attempt {
    const stream = target.streamOf('Square search');
    const best = this.stripes(target.image, stream);
    return { target, stream, queries: 0, best, margin: Number.POSITIVE_INFINITY, candidate: best.slice() };
  }

  /** Every column of every channel at one edge of the ball. */
  private stripes(image: Float32Array, stream: RandomStream): Float32Array {
    const [, width, channels] = this.tools.network.inputShape;
    const offsets = Float64Array.from({ length: width * channels }, () => this.edge(stream));
    return image.map((value, pixel) => clipped(value + (offsets[pixel % offsets.length] as number)));
  }

  private edge(stream: RandomStream): number {
    return stream.below(2) === 0 ? -this.config.epsilon : this.config.epsilon;
  }

  passOf(): string {
    return 'look';
  }

  async advance(_pass: string, attempts: readonly Attempt[], rows: number): Promise<Finding[]> {
    const points = stacked(attempts, rows, ({ candidate }) => candidate, this.tools.network.inputShape);
    const labels = numbers(attempts, rows, ({ target }) => target.label);
    const { correct, losses, logits } = await this.tools.predictor.predict(points, labels);
    return attempts.map((attempt, row) => {
      const loss = losses[row] as number;
      if (correct[row] === 0) return { answer: 'FOOLED', loss };
      const margin = marginOf(rowOf(logits, row, rows), attempt.target.label);
      if (margin < attempt.margin) Object.assign(attempt, { margin, best: attempt.candidate, candidate: attempt.best });
      return { answer: this.propose(attempt) ? 'OPEN' : 'SURVIVED', loss };
    });
  }

  /** Puts the next square; one that changes no pixel is a query whose answer is known. False when all queries are used up. */
  private propose(attempt: Attempt): boolean {
    attempt.candidate.set(attempt.best);
    while (attempt.queries < this.config.queries) {
      const changed = this.putSquare(attempt);
      attempt.queries += 1;
      if (changed) return true;
    }
    return false;
  }

  private putSquare({ target: { image }, stream, queries, candidate }: Attempt): boolean {
    const [height, width, channels] = this.tools.network.inputShape;
    const share = firstShare / 2 ** halvings.filter((from) => queries > from).length;
    const side = Math.max(1, Math.min(Math.round(Math.sqrt(share * height * width)), height, width));
    const top = stream.below(Math.max(1, height - side));
    const left = stream.below(Math.max(1, width - side));
    const offsets = Float64Array.from({ length: channels }, () => this.edge(stream));
    let changed = false;
    for (let row = top; row < top + side; row++)
      for (let index = (row * width + left) * channels; index < (row * width + left + side) * channels; index++) {
        const value = Math.fround(clipped((image[index] as number) + (offsets[index % channels] as number)));
        changed ||= value !== candidate[index];
        candidate[index] = value;
      }
    return changed;
  }

  async setWeights(): Promise<void> {}

  async dispose(): Promise<void> {}
}

const clipped = (value: number) => Math.min(1, Math.max(0, value));

/** How far the label is above the best other class. */
function marginOf(logits: Float32Array, label: number): number {
  let other = Number.NEGATIVE_INFINITY;
  for (const [one, value] of logits.entries()) if (one !== label && value > other) other = value;
  return (logits[label] as number) - other;
}

export const square: AttackKind<SquareConfig> = {
  classes: 2,
  passes: ({ queries }) => queries + 1,
  looks: ({ queries }) => queries + 1,
  describe: ({ epsilon, queries }) => ({ name: 'SQUARE', norm: 'linf', epsilon, queries }),
  create: (tools, config) => new Square(tools, config),
};
