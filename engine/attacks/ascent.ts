/** Projected ascent on a loss in a ball by steps of one length, with batch normalisation in evaluation mode. */
import * as tf from '@tensorflow/tfjs-core';
import type { Backend, CompiledStep, HostArray, HostArrays, Step } from '../backends/backend.ts';
import type { PgdConfig } from '../config.ts';
import type { Batch } from '../data/batches.ts';
import { differentiate } from '../models/differentiate.ts';
import { logits, type Network } from '../models/network.ts';
import { topOneCorrect } from '../ops/losses.ts';
import type { RandomStream } from '../random.ts';
import type { Watch } from '../watch.ts';
import type { Weights } from '../weights/weights.ts';
import { type AttackLoss, crossEntropyLoss } from './losses.ts';
import { linf, type Norm } from './norms.ts';
import { Pace } from './pace.ts';

export type AscentConfig = Pick<PgdConfig, 'epsilon' | 'stepSize' | 'steps'>;

/**
 * One step: x' = clip(project(x' + stepSize sign(gradient))), on images and adversarial [count, height, width, channels] and
 * labels int32 [count]. The other outputs, [count] each, are of the point before the step: whether it was classified correctly,
 * its loss, and whether the loss' own gradient was exactly zero.
 */
function ascentStep(network: Network, { epsilon, stepSize }: AscentConfig, loss: AttackLoss, norm: Norm): Step {
  return (inputs) => {
    const adversarial = inputs.adversarial as tf.Tensor;
    const labels = inputs.labels as tf.Tensor1D;
    const { gradients, kept } = differentiate({ adversarial }, () => {
      const output = logits(network, inputs, adversarial, 'evaluation');
      const { losses, vanished } = loss.of(output, labels, loss.beside && inputs[loss.beside]);
      return { loss: tf.sum(losses), kept: { correct: topOneCorrect(output, labels), losses, vanished } };
    });
    const moved = tf.add(adversarial, tf.mul(norm.direction(gradients.adversarial as tf.Tensor), stepSize));
    const projected = norm.project(moved, inputs.images as tf.Tensor, epsilon);
    return { adversarial: tf.clipByValue(projected, 0, 1), ...kept };
  };
}

/** Where an ascent starts: the images, or uniform points of their balls; one random stream an image. */
export function startingPoints(
  images: HostArray,
  { epsilon, randomStart }: PgdConfig,
  streamOf: (row: number) => RandomStream,
  norm = linf,
): HostArray {
  if (!randomStart) return { ...images, data: images.data.slice() };
  const data = new Float32Array(images.data.length);
  const count = images.shape[0] as number;
  const size = data.length / count;
  for (let row = 0; row < count; row++) norm.fill(data.subarray(row * size, (row + 1) * size), epsilon, streamOf(row));
  for (let index = 0; index < data.length; index++) {
    const value = (data[index] as number) + (images.data[index] as number);
    data[index] = Math.min(1, Math.max(0, value));
  }
  return { ...images, data };
}

/** Points after a step, and what was true of those before it. */
export interface Ascended {
  adversarial: HostArray;
  correct: Int32Array;
  losses: Float32Array;
  vanished: Int32Array;
}

export class Ascent {
  readonly config: AscentConfig;
  private readonly step: CompiledStep;
  private readonly pace = new Pace();

  constructor(backend: Backend, network: Network, config: AscentConfig, weights: Weights, loss = crossEntropyLoss, norm = linf) {
    this.config = config;
    this.step = backend.compile(`PGD step of ${network.architecture}`, ascentStep(network, config, loss, norm), {
      parallelism: 'images',
      constants: { ...weights },
    });
  }

  /** The network's weights from now on. */
  setWeights(weights: Weights): Promise<void> {
    return this.step.setConstants({ ...weights });
  }

  /**
   * One step, or so many on end; what is said of the points then is of those before the last.
   * @param beside what the loss depends on, under its name
   */
  async advance({ images, labels }: Batch, adversarial: HostArray, times?: number, beside: HostArrays = {}): Promise<Ascended> {
    const options = times === undefined ? {} : { times, feed: { adversarial: 'adversarial' } };
    const outputs = await this.step.run({ images, labels, adversarial, ...beside }, options);
    return {
      adversarial: outputs.adversarial as HostArray,
      correct: outputs.correct?.data as Int32Array,
      losses: outputs.losses?.data as Float32Array,
      vanished: outputs.vanished?.data as Int32Array,
    };
  }

  /** The points after all steps from `start`, whatever happens on the way. The watch advances by images x steps. */
  async perturb(batch: Batch, start: HostArray, watch: Watch): Promise<HostArray> {
    let adversarial = start;
    await this.pace.take(this.config.steps, batch.count, watch, async (times) => {
      adversarial = (await this.advance(batch, adversarial, times)).adversarial;
    });
    return adversarial;
  }

  dispose(): Promise<void> {
    return this.step.dispose();
  }
}
