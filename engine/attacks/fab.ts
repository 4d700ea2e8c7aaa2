/**
 * Fast adaptive boundary attack toward given classes (Croce and Hein, 2020, "Minimally distorted adversarial examples"), in the
 * l-infinity norm: it walks along the boundary between the label and a class to the point nearest to the image. No chance in it.
 * Only whether a point within epsilon is found counts here, so that an image is done with its first one.
 */
import type { HostArray } from '../backends/backend.ts';
import type { FabConfig } from '../config.ts';
import { sizeOf } from '../ops/arrays.ts';
import { type Aimed, aimed, classesOf } from './aims.ts';
import type { Attack, AttackKind, Finding, Target } from './attack.ts';
import { fedBack, findingOf, nothingSeen } from './course.ts';
import { fabStepOf } from './fab-step.ts';
import { toPlanes } from './planes.ts';
import { integers, numbers, rowOf, stacked, stackedCentres } from './rows.ts';
import type { AttackTools } from './tools.ts';

/** Passes of a step: it looks where it is and where it gets. */
const passesOfStep = 2;

interface Attempt extends Aimed {
  target: Target;
  /** The image, channel by channel. */
  centre: Float32Array;
  aim: number;
  step: number;
  point: Float32Array;
}

class Fab implements Attack<Attempt> {
  constructor(
    private readonly tools: AttackTools,
    private readonly config: FabConfig,
  ) {}

  begin(target: Target): Attempt {
    const centre = toPlanes(target.image, this.tools.network.inputShape);
    return { target, centre, aim: 0, step: 0, point: centre };
  }

  passOf({ aims, aim, step }: Attempt): string {
    if (!aims) return 'look at the image';
    return String(this.tools.stride(fabStepOf, this.config.steps - step, aim * this.config.steps + step));
  }

  advance(pass: string, attempts: readonly Attempt[]): Promise<Finding[]> {
    if (pass === 'look at the image') return aimed(this.tools, attempts, this.config.targets);
    return this.take(Number(pass), attempts);
  }

  private async take(steps: number, attempts: readonly Attempt[]): Promise<Finding[]> {
    const points = [sizeOf(this.tools.network.inputShape)];
    const inputs = {
      images: stackedCentres(attempts, points),
      point: stacked(attempts, ({ point }) => point, points),
      labels: integers(attempts, ({ target }) => target.label),
      aims: classesOf(attempts, ({ aim }) => aim),
      epsilon: numbers(attempts, () => this.config.epsilon),
      ...nothingSeen(attempts.length),
    };
    const outputs = await this.tools.run(fabStepOf, inputs, { times: steps, feed: fedBack(['point']), inPlace: true });
    return attempts.map((attempt, row) => {
      const finding = findingOf(outputs, row, steps * passesOfStep);
      if (finding.answer === 'FOOLED') return finding;
      attempt.point = rowOf(outputs.point as HostArray, row);
      attempt.step += steps;
      return { ...finding, answer: this.goOn(attempt) };
    });
  }

  /** To the next class after so many steps, from the image again. */
  private goOn(attempt: Attempt): Finding['answer'] {
    if (attempt.step < this.config.steps) return 'OPEN';
    Object.assign(attempt, { aim: attempt.aim + 1, step: 0, point: attempt.centre });
    return attempt.aim < (attempt.aims as number[]).length ? 'OPEN' : 'SURVIVED';
  }
}

export const fabTargeted: AttackKind<FabConfig> = {
  classes: 2,
  passes: ({ steps, targets }) => 1 + passesOfStep * steps * targets,
  looks: ({ steps, targets }) => 1 + steps * targets,
  describe: ({ epsilon, steps, targets }) => ({ name: 'FAB_T', norm: 'linf', epsilon, steps, targets }),
  create: (tools, config) => new Fab(tools, config),
};
