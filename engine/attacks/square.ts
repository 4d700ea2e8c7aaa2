/**
 * Square attack (Andriushchenko et al., 2020) in the l-infinity ball: a random search that asks for nothing but the network's outputs.
 * It starts from vertical stripes and puts squares of random colours, ever smaller, at random places; one that lowers the margin stays.
 */
import type { HostArray } from '../backends/backend.ts';
import type { SquareConfig } from '../config.ts';
import { sizeOf } from '../ops/arrays.ts';
import type { RandomStream } from '../random.ts';
import type { Attack, AttackKind, Finding, Target } from './attack.ts';
import { fedBack, findingOf, nothingSeen } from './course.ts';
import { toPlanes } from './planes.ts';
import { integers, numbers, rowOf, stacked, stackedCentres } from './rows.ts';
import { mostSquares, placeOfSquare, squareStepOf } from './square-step.ts';
import type { AttackTools } from './tools.ts';

/** Share of the image that the first square covers. */
const firstShare = 0.8;
/** Queries after which the share is halved, as published for searches of any length. */
const halvings = [10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000];

interface Attempt {
  target: Target;
  stream: RandomStream;
  /** The image, channel by channel. */
  centre: Float32Array;
  /** Squares put so far; undefined before the stripes have been looked at. */
  queries?: number;
  best: Float32Array;
  /** By how much another class is above the label at the best point. */
  margin: number;
}

class Square implements Attack<Attempt> {
  constructor(
    private readonly tools: AttackTools,
    private readonly config: SquareConfig,
  ) {}

  begin(target: Target): Attempt {
    const stream = target.streamOf('Square search');
    const { inputShape } = this.tools.network;
    const best = toPlanes(this.stripes(target.image, stream), inputShape);
    return { target, stream, centre: toPlanes(target.image, inputShape), best, margin: Number.NEGATIVE_INFINITY };
  }

  /** Every column of every channel at one edge of the ball. */
  private stripes(image: Float32Array, stream: RandomStream): Float32Array {
    const [, width, channels] = this.tools.network.inputShape;
    const offsets = Float64Array.from({ length: width * channels }, () => sign(stream) * this.config.epsilon);
    return image.map((value, pixel) => Math.min(1, Math.max(0, value + (offsets[pixel % offsets.length] as number))));
  }

  passOf({ queries }: Attempt): string {
    if (!queries) return '1';
    return String(this.tools.stride(squareStepOf, Math.min(mostSquares, this.config.queries - queries), queries));
  }

  async advance(pass: string, attempts: readonly Attempt[]): Promise<Finding[]> {
    const times = Number(pass);
    const points = [sizeOf(this.tools.network.inputShape)];
    const inputs = {
      images: stackedCentres(attempts, points),
      best: stacked(attempts, ({ best }) => best, points),
      squares: this.squares(attempts, times),
      labels: integers(attempts, ({ target }) => target.label),
      epsilon: numbers(attempts, () => this.config.epsilon),
      margins: numbers(attempts, ({ margin }) => margin),
      next: numbers(attempts, () => 0),
      ...nothingSeen(attempts.length),
    };
    const outputs = await this.tools.run(squareStepOf, inputs, { times, feed: fedBack(['best', 'margins', 'next']), inPlace: true });
    return attempts.map((attempt, row) => {
      const finding = findingOf(outputs, row, times);
      if (finding.answer === 'FOOLED') return finding;
      attempt.best = rowOf(outputs.best as HostArray, row);
      attempt.margin = outputs.margins?.data[row] as number;
      attempt.queries = attempt.queries === undefined ? 0 : attempt.queries + times;
      return { ...finding, answer: attempt.queries < this.config.queries ? 'OPEN' : 'SURVIVED' };
    });
  }

  /** The next squares of every image, [count, mostSquares, 3 + channels]; one without a side where only the stripes are looked at. */
  private squares(attempts: readonly Attempt[], times: number): HostArray {
    const length = placeOfSquare + this.tools.network.inputShape[2];
    const shape = [attempts.length, mostSquares, length];
    const data = new Float32Array(sizeOf(shape));
    for (const [row, { stream, queries }] of attempts.entries()) {
      if (queries === undefined) continue;
      for (let index = 0; index < times; index++) {
        const at = (row * mostSquares + index) * length;
        this.drawSquare(stream, queries + index, data.subarray(at, at + length));
      }
    }
    return { shape, dtype: 'float32', data };
  }

  /** A square at a random place, and at which edge of the ball each of its channels is. */
  private drawSquare(stream: RandomStream, queries: number, square: Float32Array): void {
    const [height, width] = this.tools.network.inputShape;
    const share = firstShare / 2 ** halvings.filter((from) => queries > from).length;
    const side = Math.max(1, Math.min(Math.round(Math.sqrt(share * height * width)), height, width));
    const top = stream.below(Math.max(1, height - side));
    square.set([top, stream.below(Math.max(1, width - side)), side]);
    for (let index = placeOfSquare; index < square.length; index++) square[index] = sign(stream);
  }
}

const sign = (stream: RandomStream) => (stream.below(2) === 0 ? -1 : 1);

export const square: AttackKind<SquareConfig> = {
  classes: 2,
  passes: ({ queries }) => queries + 1,
  looks: ({ queries }) => queries + 1,
  describe: ({ epsilon, queries }) => ({ name: 'SQUARE', norm: 'linf', epsilon, queries }),
  create: (tools, config) => new Square(tools, config),
};
