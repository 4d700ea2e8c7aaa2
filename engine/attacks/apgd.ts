/**
 * Auto-PGD (Croce and Hein, 2020, algorithm 1) in the l-infinity ball: sign steps with momentum from a random point; at checkpoints
 * a run whose loss rises too seldom, or no higher, halves its step and goes back to its best point. The targeted form climbs
 * toward one class after the other, the likeliest first.
 */
import type { HostArray, HostArrays } from '../backends/backend.ts';
import type { ApgdConfig, TargetedApgdConfig } from '../config.ts';
import { sizeOf } from '../ops/arrays.ts';
import { type Aimed, aimed, classesOf } from './aims.ts';
import { apgdStepOn, walkedNumbers, walkedPoints } from './apgd-step.ts';
import type { Attack, AttackKind, Finding, Target } from './attack.ts';
import { Checkpoints } from './checkpoints.ts';
import { fedBack, findingOf, nothingSeen } from './course.ts';
import { type AttackLoss, dlrLoss, plainCrossEntropyLoss, targetedDlrLoss } from './losses.ts';
import { toPlanes } from './planes.ts';
import { integers, numbers, rowOf, stacked, stackedCentres } from './rows.ts';
import type { AttackStep, AttackTools } from './tools.ts';

/** Share of a step that momentum keeps, from the second one on. */
const momentum = 0.75;

/** What steps change; see apgd-step.ts. */
type Walk = Record<(typeof walkedPoints)[number], Float32Array> & Record<(typeof walkedNumbers)[number], number>;

/** An image on its way: one run after the other, step by step. */
interface Attempt extends Aimed {
  target: Target;
  /** The image, channel by channel. */
  centre: Float32Array;
  run: number;
  /** Steps taken; undefined before the start has been looked at. */
  step?: number;
  walk: Walk;
  checkpoints: Checkpoints;
}

type Config = ApgdConfig & { targets?: number };

class Apgd implements Attack<Attempt> {
  private readonly stepOnLoss: AttackStep;

  constructor(
    private readonly tools: AttackTools,
    private readonly config: Config,
    private readonly loss: AttackLoss,
  ) {
    this.stepOnLoss = apgdStepOn(loss);
  }

  begin(target: Target): Attempt {
    return { target, centre: toPlanes(target.image, this.tools.network.inputShape), ...this.start(target, 0) };
  }

  /** A run from a random point: uniform, then stretched until it touches the ball. */
  private start({ image, streamOf }: Target, run: number): Pick<Attempt, 'run' | 'step' | 'walk' | 'checkpoints'> {
    const { epsilon, steps } = this.config;
    const offset = streamOf(`APGD ${this.loss.name}`, run).fillUniform(new Float32Array(image.length), -1, 1);
    const scale = epsilon / offset.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-12);
    const start = image.map((value, pixel) => Math.min(1, Math.max(0, value + scale * (offset[pixel] as number))));
    const point = toPlanes(start, this.tools.network.inputShape);
    const gradient = new Float32Array(point.length);
    const losses = { best: Number.NEGATIVE_INFINITY, last: Number.POSITIVE_INFINITY, rises: 0 };
    const walk = { point, previous: point, gradient, bestPoint: point, bestGradient: gradient, ...losses };
    return { run, step: undefined, walk, checkpoints: new Checkpoints(steps, 2 * epsilon) };
  }

  passOf({ aims, run, step, checkpoints }: Attempt): string {
    if (this.loss.beside && !aims) return 'look at the image';
    if (step === undefined || step === 0) return '1';
    const taken = run * (this.config.steps + 1) + step;
    return String(this.tools.stride(this.stepOnLoss, Math.min(checkpoints.left, this.config.steps - step), taken));
  }

  advance(pass: string, attempts: readonly Attempt[]): Promise<Finding[]> {
    return pass === 'look at the image' ? this.lookAtImage(attempts) : this.take(Number(pass), attempts);
  }

  private lookAtImage(attempts: readonly Attempt[]): Promise<Finding[]> {
    return aimed(this.tools, attempts, this.config.targets as number);
  }

  private inputs(attempts: readonly Attempt[]): HostArrays {
    const { restarts, epsilon } = this.config;
    const points = [sizeOf(this.tools.network.inputShape)];
    const classAt = ({ run }: Attempt) => Math.floor(run / restarts);
    return {
      images: stackedCentres(attempts, points),
      labels: integers(attempts, ({ target }) => target.label),
      ...(this.loss.beside && { aims: classesOf(attempts, classAt) }),
      ...Object.fromEntries(walkedPoints.map((name) => [name, stacked(attempts, ({ walk }) => walk[name], points)])),
      ...Object.fromEntries(walkedNumbers.map((name) => [name, numbers(attempts, ({ walk }) => walk[name])])),
      epsilon: numbers(attempts, () => epsilon),
      stepSize: numbers(attempts, ({ step, checkpoints }) => (step === undefined ? 0 : checkpoints.stepSize)),
      kept: numbers(attempts, ({ step }) => (step ? momentum : 1)),
      ...nothingSeen(attempts.length),
    };
  }

  private async take(steps: number, attempts: readonly Attempt[]): Promise<Finding[]> {
    const options = { times: steps, feed: fedBack([...walkedPoints, ...walkedNumbers]), inPlace: true };
    const outputs = await this.tools.run(this.stepOnLoss, this.inputs(attempts), options);
    return attempts.map((attempt, row) => {
      const finding = findingOf(outputs, row, steps);
      if (finding.answer === 'FOOLED') return finding;
      attempt.walk = walkOf(outputs, row);
      return { ...finding, answer: this.goOn(attempt, steps) };
    });
  }

  /** Counts the steps, judges them at a checkpoint, and begins the next run after the last one. */
  private goOn(attempt: Attempt, steps: number): Finding['answer'] {
    const { step, walk, checkpoints, run, aims, target } = attempt;
    attempt.step = step === undefined ? 0 : step + steps;
    if (step === undefined) checkpoints.begin(walk.best);
    else if (checkpoints.take(steps)) {
      if (checkpoints.judge(walk.rises, walk.best)) {
        walk.point.set(walk.bestPoint);
        walk.gradient.set(walk.bestGradient);
      }
      walk.rises = 0;
    }
    if (attempt.step < this.config.steps) return 'OPEN';
    if (run + 1 === this.config.restarts * (aims?.length ?? 1)) return 'SURVIVED';
    Object.assign(attempt, this.start(target, run + 1));
    return 'OPEN';
  }
}

function walkOf(outputs: HostArrays, row: number): Walk {
  const points = walkedPoints.map((name) => [name, rowOf(outputs[name] as HostArray, row)]);
  const losses = walkedNumbers.map((name) => [name, outputs[name]?.data[row]]);
  return Object.fromEntries([...points, ...losses]) as Walk;
}

function apgdOn<Kind extends Config>(name: string, loss: AttackLoss): AttackKind<Kind> {
  const looks = loss.beside ? 1 : 0;
  return {
    classes: loss.classes,
    passes: ({ steps, restarts, targets = 1 }) => (steps + 1) * restarts * targets + looks,
    looks: () => looks,
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
