/**
 * Fast adaptive boundary attack toward given classes (Croce and Hein, 2020, "Minimally distorted adversarial examples"), in the
 * l-infinity norm: it walks along the boundary between the label and a class to the point nearest to the image. No chance in it.
 * Only whether a point within epsilon is found counts here, so that an image is done with its first one.
 */
import type { FabConfig } from '../config.ts';
import { sizeOf } from '../ops/arrays.ts';
import { toHyperplane } from '../ops/hyperplanes.ts';
import type { Attack, AttackKind, AttackTools, Finding, Target } from './attack.ts';
import { differenceLoss } from './losses.ts';
import { rivals } from './rivals.ts';
import { numbers, rowOf, stacked } from './rows.ts';
import { Slope } from './slope.ts';

/** The published constants: how far a step goes beyond the boundary, how much it leans to the image at most, and how far it goes back. */
const [overshoot, mostBias, backward] = [1.05, 0.1, 0.9];

interface Attempt {
  target: Target;
  /** Classes to aim at, in turn; undefined before the image has been looked at. */
  aims?: number[];
  aim: number;
  step: number;
  point: Float32Array;
  /** Whether the point is to be looked at before its slope is wanted. */
  moved: boolean;
}

class Fab implements Attack<Attempt> {
  private readonly slope: Slope;
  private readonly fromPoint: Float64Array;
  private readonly fromImage: Float64Array;

  constructor(
    private readonly tools: AttackTools,
    private readonly config: FabConfig,
  ) {
    this.slope = new Slope(tools, differenceLoss);
    const size = sizeOf(tools.network.inputShape);
    this.fromPoint = new Float64Array(size);
    this.fromImage = new Float64Array(size);
  }

  begin(target: Target): Attempt {
    return { target, aim: 0, step: 0, point: target.image, moved: true };
  }

  passOf({ moved }: Attempt): string {
    return moved ? 'look' : 'slope';
  }

  advance(pass: string, attempts: readonly Attempt[], rows: number): Promise<Finding[]> {
    return pass === 'look' ? this.look(attempts, rows) : this.walk(attempts, rows);
  }

  private inputs(attempts: readonly Attempt[], rows: number) {
    return {
      points: stacked(attempts, rows, ({ point }) => point, this.tools.network.inputShape),
      labels: numbers(attempts, rows, ({ target }) => target.label),
    };
  }

  private async look(attempts: readonly Attempt[], rows: number): Promise<Finding[]> {
    const { points, labels } = this.inputs(attempts, rows);
    const { correct, losses, logits } = await this.tools.predictor.predict(points, labels);
    return attempts.map((attempt, row) => {
      const { target, point } = attempt;
      const loss = losses[row] as number;
      const wrong = correct[row] === 0;
      attempt.moved = false;
      if (!attempt.aims) {
        attempt.aims = rivals(rowOf(logits, row, rows), target.label, this.config.targets);
        return { answer: wrong ? 'FOOLED' : 'OPEN', loss };
      }
      if (wrong && distance(point, target.image) <= this.config.epsilon) return { answer: 'FOOLED', loss };
      if (wrong) attempt.point = between(target.image, point, backward);
      return { answer: this.goOn(attempt), loss };
    });
  }

  /** To the next class after so many steps, from the image again. */
  private goOn(attempt: Attempt): Finding['answer'] {
    attempt.step += 1;
    if (attempt.step < this.config.steps) return 'OPEN';
    Object.assign(attempt, { aim: attempt.aim + 1, step: 0, point: attempt.target.image });
    return attempt.aim < (attempt.aims as number[]).length ? 'OPEN' : 'SURVIVED';
  }

  private async walk(attempts: readonly Attempt[], rows: number): Promise<Finding[]> {
    const { points, labels } = this.inputs(attempts, rows);
    const aims = numbers(attempts, rows, (attempt) => (attempt.aims as number[])[attempt.aim] as number);
    const { gradient, losses } = await this.slope.at(points, labels, { aims });
    return attempts.map((attempt, row) => {
      const loss = losses[row] as number;
      const slope = rowOf(gradient, row, rows);
      attempt.point = this.walked(attempt, loss, slope);
      attempt.moved = true;
      return { answer: 'OPEN', loss, vanished: slope.every((value) => value === 0) };
    });
  }

  /** Beyond the boundary as it looks from the point, linearised: from the point, and a little from the image. */
  private walked({ target: { image }, point }: Attempt, difference: number, slope: Float32Array): Float32Array {
    const { fromPoint, fromImage } = this;
    let target = -difference;
    for (let pixel = 0; pixel < point.length; pixel++) target += (slope[pixel] as number) * (point[pixel] as number);
    const near = Math.max(1e-8, toHyperplane(point, slope, target, fromPoint));
    const far = Math.max(1e-8, toHyperplane(image, slope, target, fromImage));
    const bias = Math.min(mostBias, near / (near + far));
    return point.map((value, pixel) => {
      const along = value + overshoot * (fromPoint[pixel] as number);
      const direct = (image[pixel] as number) + overshoot * (fromImage[pixel] as number);
      return Math.min(1, Math.max(0, (1 - bias) * along + bias * direct));
    });
  }

  setWeights(weights: AttackTools['weights']): Promise<void> {
    return this.slope.setWeights(weights);
  }

  dispose(): Promise<void> {
    return this.slope.dispose();
  }
}

/** Largest difference of two images. */
function distance(first: Float32Array, second: Float32Array): number {
  let most = 0;
  for (let pixel = 0; pixel < first.length; pixel++) most = Math.max(most, Math.abs((first[pixel] as number) - (second[pixel] as number)));
  return most;
}

const between = (from: Float32Array, to: Float32Array, share: number) =>
  from.map((value, pixel) => value + share * ((to[pixel] as number) - value));

export const fabTargeted: AttackKind<FabConfig> = {
  classes: 2,
  passes: ({ steps, targets }) => 1 + 2 * steps * targets,
  looks: ({ steps, targets }) => 1 + steps * targets,
  describe: ({ epsilon, steps, targets }) => ({ name: 'FAB_T', norm: 'linf', epsilon, steps, targets }),
  create: (tools, config) => new Fab(tools, config),
};
