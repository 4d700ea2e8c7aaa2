/** Projected gradient descent (Madry et al., 2018): ascent on a loss in a ball, from random points of it. */
import type { HostArrays } from '../backends/backend.ts';
import type { PgdConfig, RobustnessRule } from '../config.ts';
import { ascendedIn, ascentInputs, ascentOn, startingPoints } from './ascent.ts';
import type { Attack, AttackKind, Finding, Target } from './attack.ts';
import { type AttackLoss, crossEntropyLoss } from './losses.ts';
import { linf, type Norm } from './norms.ts';
import { batchOfTargets, rowOf, stacked } from './rows.ts';
import type { AttackTools } from './tools.ts';

/** An image on its way: one run after the other, step by step. */
interface Attempt {
  target: Target;
  restart: number;
  step: number;
  point: Float32Array;
  /** Loss before the first step of this run. */
  firstLoss: number;
  /** Logits of the clean image, where the loss is a distance from them. */
  reference?: Float32Array;
}

/** Without a random start every run is the same. */
const runsOf = ({ restarts, randomStart }: PgdConfig) => (randomStart ? restarts : 1);

class Pgd implements Attack<Attempt> {
  constructor(
    private readonly tools: AttackTools,
    private readonly config: PgdConfig,
    private readonly rule: RobustnessRule,
    private readonly loss: AttackLoss,
    private readonly norm: Norm,
  ) {}

  begin(target: Target, restart = 0): Attempt {
    const image = stacked([target], () => target.image, this.tools.network.inputShape);
    const start = startingPoints(image, this.config, () => target.streamOf('PGD start', restart), this.norm);
    return { target, restart, step: 0, point: start.data as Float32Array, firstLoss: Number.NaN };
  }

  /** The last point is only looked at: no gradient is needed any more. */
  passOf({ step, reference }: Attempt): string {
    if (this.loss.beside && !reference) return 'look at the image';
    return step < this.config.steps ? 'step' : 'look';
  }

  advance(pass: string, attempts: readonly Attempt[]): Promise<Finding[]> {
    if (pass === 'look at the image') return this.lookAtImage(attempts);
    return pass === 'step' ? this.step(attempts) : this.look(attempts);
  }

  private async lookAtImage(attempts: readonly Attempt[]): Promise<Finding[]> {
    const { batch } = this.inputs(attempts);
    const { logits, losses } = await this.tools.predictor.predict(batch.images, batch.labels);
    return attempts.map((attempt, row) => {
      attempt.reference = rowOf(logits, row).slice();
      return { answer: 'OPEN', loss: losses[row] as number };
    });
  }

  /** What the loss depends on beside logits and labels. */
  private beside(attempts: readonly Attempt[]): HostArrays {
    if (!this.loss.beside) return {};
    return { reference: stacked(attempts, ({ reference }) => reference as Float32Array, [this.tools.network.classes]) };
  }

  private inputs(attempts: readonly Attempt[]) {
    const shape = this.tools.network.inputShape;
    const targets = attempts.map(({ target }) => target);
    return { batch: batchOfTargets(targets, shape), points: stacked(attempts, ({ point }) => point, shape) };
  }

  private async step(attempts: readonly Attempt[]): Promise<Finding[]> {
    const { batch, points } = this.inputs(attempts);
    const inputs = ascentInputs(batch, points, this.config, this.beside(attempts));
    const { adversarial, correct, losses, vanished } = ascendedIn(await this.tools.run(ascentOn(this.loss, this.norm), inputs));
    return attempts.map((attempt, row) => {
      const loss = losses[row] as number;
      const point = rowOf(adversarial, row);
      const isFirst = attempt.step === 0;
      const right = correct[row] === 1;
      const stuck = right && isFirst && this.canMove && point.every((value, pixel) => value === attempt.point[pixel]);
      Object.assign(attempt, { point, step: attempt.step + 1, ...(isFirst && { firstLoss: loss }) });
      const fooled = this.rule === 'ANY_STEP' && !right;
      return { answer: fooled ? 'FOOLED' : 'OPEN', loss, vanished: right && vanished[row] === 1, stuck };
    });
  }

  private get canMove(): boolean {
    return this.config.epsilon > 0 && this.config.stepSize > 0;
  }

  private async look(attempts: readonly Attempt[]): Promise<Finding[]> {
    const { batch, points } = this.inputs(attempts);
    const { correct, losses } = await this.tools.predictor.predict(points, batch.labels);
    return attempts.map((attempt, row) => {
      const loss = losses[row] as number;
      const survived = correct[row] === 1;
      const isLast = attempt.restart + 1 === runsOf(this.config);
      const lowered = loss < attempt.firstLoss;
      if (survived && !isLast) Object.assign(attempt, this.begin(attempt.target, attempt.restart + 1));
      return { answer: !survived ? 'FOOLED' : isLast ? 'SURVIVED' : 'OPEN', loss, lowered };
    });
  }
}

/** PGD that climbs this loss in this ball. */
export function pgdOn(name: string, loss: AttackLoss, norm = linf): AttackKind<PgdConfig> {
  return {
    classes: loss.classes,
    passes: (config) => (config.steps + 1) * runsOf(config) + (loss.beside ? 1 : 0),
    looks: (config) => runsOf(config) + (loss.beside ? 1 : 0),
    describe: ({ epsilon, stepSize, steps, randomStart, restarts }) => ({
      ...{ name, norm: norm.name, epsilon, stepSize, steps, randomStart },
      ...(randomStart && { restarts }),
      loss: loss.name,
    }),
    create: (tools, config, rule) => new Pgd(tools, config, rule, loss, norm),
  };
}

export const pgd = pgdOn('PGD', crossEntropyLoss);
