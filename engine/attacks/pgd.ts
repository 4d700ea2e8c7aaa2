/** Projected gradient descent (Madry et al., 2018): ascent on a loss in a ball, from random points of it. */
import * as tf from '@tensorflow/tfjs-core';
import type { HostArray, HostArrays, Step } from '../backends/backend.ts';
import type { PgdConfig, RobustnessRule } from '../config.ts';
import type { Network } from '../models/network.ts';
import { ascentInputs, ascentStep, startingPoints } from './ascent.ts';
import type { Attack, AttackKind, Finding, Target } from './attack.ts';
import { fedBack, findingOf, nothingSeen, remember } from './course.ts';
import { type AttackLoss, crossEntropyLoss } from './losses.ts';
import { linf, type Norm } from './norms.ts';
import { batchOfTargets, repeated, rowOf, stacked } from './rows.ts';
import type { AttackStep, AttackTools } from './tools.ts';

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

/** An ascent's step that remembers what it saw of the points before it. ends [count]: 1 where a wrong answer ends the attack. */
function pgdStep(network: Network, loss: AttackLoss, norm: Norm): Step {
  const step = ascentStep(network, loss, norm);
  return (inputs) => {
    const { adversarial, correct, losses, vanished } = step(inputs) as Record<string, tf.Tensor>;
    const right = tf.cast(correct as tf.Tensor, 'float32');
    return {
      ...{ adversarial: adversarial as tf.Tensor, correct: correct as tf.Tensor },
      ...remember(inputs, {
        fooled: tf.mul(tf.sub(1, right), inputs.ends as tf.Tensor),
        vanished: tf.mul(tf.cast(vanished as tf.Tensor, 'float32'), right),
        losses: losses as tf.Tensor,
      }),
    };
  };
}

/** The step on this loss in this ball; epsilon and its length are inputs, so that attacks of any share it. */
const pgdStepOn = (loss: AttackLoss, norm: Norm): AttackStep => ({
  name: `PGD step on ${loss.name} in ${norm.name}`,
  of: (network) => pgdStep(network, loss, norm),
});

/** Without a random start every run is the same. */
const runsOf = ({ restarts, randomStart }: PgdConfig) => (randomStart ? restarts : 1);

class Pgd implements Attack<Attempt> {
  private readonly stepOn: AttackStep;

  constructor(
    private readonly tools: AttackTools,
    private readonly config: PgdConfig,
    private readonly rule: RobustnessRule,
    private readonly loss: AttackLoss,
    private readonly norm: Norm,
  ) {
    this.stepOn = pgdStepOn(loss, norm);
  }

  begin(target: Target, restart = 0): Attempt {
    const image = stacked([target], () => target.image, this.tools.network.inputShape);
    const start = startingPoints(image, this.config, () => target.streamOf('PGD start', restart), this.norm);
    return { target, restart, step: 0, point: start.data as Float32Array, firstLoss: Number.NaN };
  }

  /** The first step is taken alone, to see whether it moves the point. The last point is only looked at: no gradient is needed any more. */
  passOf({ restart, step, reference }: Attempt): string {
    const { steps } = this.config;
    if (this.loss.beside && !reference) return 'look at the image';
    if (step === steps) return 'look';
    if (step === 0) return 'first step';
    const taken = this.rule === 'ANY_STEP' ? restart * (steps + 1) + step : Number.POSITIVE_INFINITY;
    return String(this.tools.stride(this.stepOn, steps - step, taken));
  }

  advance(pass: string, attempts: readonly Attempt[]): Promise<Finding[]> {
    if (pass === 'look at the image') return this.lookAtImage(attempts);
    if (pass === 'look') return this.look(attempts);
    return pass === 'first step' ? this.begins(attempts) : this.goOn(Number(pass), attempts);
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

  private async begins(attempts: readonly Attempt[]): Promise<Finding[]> {
    const starts = attempts.map(({ point }) => point);
    const outputs = await this.take(1, attempts);
    return attempts.map((attempt, row) => {
      const finding = findingOf(outputs, row, 1);
      const isStill = () => attempt.point.every((value, pixel) => value === starts[row]?.[pixel]);
      attempt.firstLoss = finding.loss;
      return { ...finding, stuck: outputs.correct?.data[row] === 1 && this.canMove && isStill() };
    });
  }

  private async goOn(steps: number, attempts: readonly Attempt[]): Promise<Finding[]> {
    const outputs = await this.take(steps, attempts);
    return attempts.map((_, row) => findingOf(outputs, row, steps));
  }

  private async take(steps: number, attempts: readonly Attempt[]): Promise<HostArrays> {
    const { batch, points } = this.inputs(attempts);
    const count = attempts.length;
    const inputs = {
      ...ascentInputs(batch, points, this.config, this.beside(attempts)),
      ends: repeated(this.rule === 'ANY_STEP' ? 1 : 0, count),
      ...nothingSeen(count),
    };
    const outputs = await this.tools.run(this.stepOn, inputs, { times: steps, feed: fedBack(['adversarial']) });
    for (const [row, attempt] of attempts.entries()) {
      attempt.point = rowOf(outputs.adversarial as HostArray, row);
      attempt.step += steps;
    }
    return outputs;
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
