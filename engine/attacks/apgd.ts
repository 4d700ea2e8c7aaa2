/**
 * Auto-PGD (Croce and Hein, 2020, algorithm 1) in the l-infinity ball: sign steps with momentum from a random point; at checkpoints
 * a run whose loss rises too seldom, or no higher, halves its step and goes back to its best point. The targeted form climbs
 * toward one class after the other, the likeliest first.
 */
import type { HostArrays } from '../backends/backend.ts';
import type { ApgdConfig, TargetedApgdConfig } from '../config.ts';
import type { Attack, AttackKind, AttackTools, Finding, Target } from './attack.ts';
import { Checkpoints } from './checkpoints.ts';
import { type AttackLoss, dlrLoss, plainCrossEntropyLoss, targetedDlrLoss } from './losses.ts';
import { rivals } from './rivals.ts';
import { numbers, rowOf, stacked } from './rows.ts';
import { Slope } from './slope.ts';

/** Share of the step that momentum keeps. */
const momentum = 0.75;

/** An image on its way: one run after the other, step by step. */
interface Attempt {
  target: Target;
  /** Classes to aim at, in turn; undefined before the image has been looked at, and without targets. */
  aims?: number[];
  run: number;
  step: number;
  point: Float32Array;
  previous: Float32Array;
  best: { loss: number; point: Float32Array; gradient: Float32Array };
  firstLoss: number;
  checkpoints: Checkpoints;
}

type Config = ApgdConfig & { targets?: number };

class Apgd implements Attack<Attempt> {
  private readonly slope: Slope;

  constructor(
    private readonly tools: AttackTools,
    private readonly config: Config,
    private readonly loss: AttackLoss,
  ) {
    this.slope = new Slope(tools, loss);
  }

  begin(target: Target): Attempt {
    return this.start({ target }, 0);
  }

  /** A run from a random point: uniform, then stretched until it touches the ball. */
  private start({ target, aims }: Pick<Attempt, 'target' | 'aims'>, run: number): Attempt {
    const { image } = target;
    const { epsilon, steps } = this.config;
    const offset = target.streamOf(`APGD ${this.loss.name}`, run).fillUniform(new Float32Array(image.length), -1, 1);
    const scale = epsilon / offset.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-12);
    const point = image.map((value, pixel) => Math.min(1, Math.max(0, value + scale * (offset[pixel] as number))));
    const best = { loss: Number.NEGATIVE_INFINITY, point, gradient: point };
    const checkpoints = new Checkpoints(steps, 2 * epsilon);
    return { target, aims, run, step: 0, point, previous: point, best, firstLoss: Number.NaN, checkpoints };
  }

  /** The last point is only looked at: no gradient is needed any more. */
  passOf({ aims, step }: Attempt): string {
    if (this.loss.beside && !aims) return 'look at the image';
    return step < this.config.steps ? 'step' : 'look';
  }

  advance(pass: string, attempts: readonly Attempt[], rows: number): Promise<Finding[]> {
    if (pass === 'look at the image') return this.lookAtImage(attempts, rows);
    return pass === 'step' ? this.step(attempts, rows) : this.look(attempts, rows);
  }

  private predict(attempts: readonly Attempt[], rows: number, of: (attempt: Attempt) => Float32Array) {
    const points = stacked(attempts, rows, of, this.tools.network.inputShape);
    return this.tools.predictor.predict(points, this.labels(attempts, rows));
  }

  private labels(attempts: readonly Attempt[], rows: number) {
    return numbers(attempts, rows, ({ target }) => target.label);
  }

  private async lookAtImage(attempts: readonly Attempt[], rows: number): Promise<Finding[]> {
    const { correct, losses, logits } = await this.predict(attempts, rows, ({ target }) => target.image);
    return attempts.map((attempt, row) => {
      attempt.aims = rivals(rowOf(logits, row, rows), attempt.target.label, this.config.targets as number);
      return { answer: correct[row] === 1 ? 'OPEN' : 'FOOLED', loss: losses[row] as number };
    });
  }

  private async step(attempts: readonly Attempt[], rows: number): Promise<Finding[]> {
    const points = stacked(attempts, rows, ({ point }) => point, this.tools.network.inputShape);
    const aimOf = ({ aims, run }: Attempt) => (aims as number[])[Math.floor(run / this.config.restarts)] as number;
    const beside: HostArrays = this.loss.beside ? { aims: numbers(attempts, rows, aimOf) } : {};
    const { gradient, losses, correct, vanished } = await this.slope.at(points, this.labels(attempts, rows), beside);
    return attempts.map((attempt, row) => {
      const loss = losses[row] as number;
      if (correct[row] === 0) return { answer: 'FOOLED', loss };
      this.move(attempt, loss, rowOf(gradient, row, rows));
      return { answer: 'OPEN', loss, vanished: vanished[row] === 1 };
    });
  }

  /** Takes the next step, from the point that has just been looked at or from the best one. */
  private move(attempt: Attempt, loss: number, gradient: Float32Array): void {
    const { checkpoints, point: looked } = attempt;
    if (attempt.step === 0) attempt.firstLoss = loss;
    if (loss > attempt.best.loss) attempt.best = { loss, point: looked, gradient: gradient.slice() };
    const halved = attempt.step > 0 ? checkpoints.after(loss, attempt.best.loss) : checkpoints.begin(loss);
    const from = halved ? attempt.best.point : looked;
    const along = halved ? attempt.best.gradient : gradient;
    const kept = attempt.step > 0 ? momentum : 1;
    attempt.point = this.moved(attempt.target.image, { from, along, previous: attempt.previous }, checkpoints.stepSize, kept);
    attempt.previous = from;
    attempt.step += 1;
  }

  /** x + kept (project(x + stepSize sign(gradient)) - x) + (1 - kept) (x - previous), projected. */
  private moved(
    image: Float32Array,
    { from, along, previous }: { from: Float32Array; along: Float32Array; previous: Float32Array },
    stepSize: number,
    kept: number,
  ): Float32Array {
    const { epsilon } = this.config;
    const next = new Float32Array(image.length);
    for (let pixel = 0; pixel < image.length; pixel++) {
      const centre = image[pixel] as number;
      const [low, high] = [Math.max(0, centre - epsilon), Math.min(1, centre + epsilon)];
      const x = from[pixel] as number;
      const slope = along[pixel] as number;
      const stepped = Math.min(high, Math.max(low, slope > 0 ? x + stepSize : slope < 0 ? x - stepSize : x));
      const mixed = x + kept * (stepped - x) + (1 - kept) * (x - (previous[pixel] as number));
      next[pixel] = Math.min(high, Math.max(low, mixed));
    }
    return next;
  }

  private async look(attempts: readonly Attempt[], rows: number): Promise<Finding[]> {
    const { correct, losses } = await this.predict(attempts, rows, ({ point }) => point);
    return attempts.map((attempt, row) => {
      const loss = losses[row] as number;
      if (correct[row] === 0) return { answer: 'FOOLED', loss };
      const runs = this.config.restarts * (attempt.aims?.length ?? 1);
      if (attempt.run + 1 === runs) return { answer: 'SURVIVED', loss };
      Object.assign(attempt, this.start(attempt, attempt.run + 1));
      return { answer: 'OPEN', loss };
    });
  }

  setWeights(weights: AttackTools['weights']): Promise<void> {
    return this.slope.setWeights(weights);
  }

  dispose(): Promise<void> {
    return this.slope.dispose();
  }
}

function apgdOn<Kind extends Config>(name: string, loss: AttackLoss): AttackKind<Kind> {
  return {
    classes: loss.classes,
    passes: ({ steps, restarts, targets = 1 }) => (steps + 1) * restarts * targets + (loss.beside ? 1 : 0),
    looks: ({ restarts, targets = 1 }) => restarts * targets + (loss.beside ? 1 : 0),
    describe: ({ epsilon, steps, restarts, targets }) => ({
      ...{ name, norm: 'linf', epsilon, steps, restarts },
      ...(targets !== undefined && { targets }),
      loss: loss.name,
    }),
    create: (tools, config) => new Apgd(tools, config, loss),
  };
}

export const apgdCrossEntropy = apgdOn<ApgdConfig>('APGD_CE', plainCrossEntropyLoss);
export const apgdDlr = apgdOn<ApgdConfig>('APGD_DLR', dlrLoss);
export const apgdTargeted = apgdOn<TargetedApgdConfig>('APGD_T', targetedDlrLoss);
