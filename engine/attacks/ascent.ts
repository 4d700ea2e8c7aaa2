/** Projected ascent on a loss in a ball by steps of one length, with batch normalisation in evaluation mode. */
import * as tf from '@tensorflow/tfjs-core';
import type { Backend, CompiledStep, HostArray, HostArrays, Step } from '../backends/backend.ts';
import type { PgdConfig } from '../config.ts';
import type { Batch } from '../data/batches.ts';
import type { Network } from '../models/network.ts';
import type { RandomStream } from '../random.ts';
import type { Watch } from '../watch.ts';
import type { Weights } from '../weights/weights.ts';
import { type AttackLoss, crossEntropyLoss } from './losses.ts';
import { linf, type Norm } from './norms.ts';
import { Pace } from './pace.ts';
import { type Seen, seenIn, slopeOf } from './slope.ts';

export type AscentConfig = Pick<PgdConfig, 'epsilon' | 'stepSize' | 'steps'>;

/** One step from points along their gradients: clip(project(point + stepSize direction(gradient))); all [count, height, width, channels]. */
export function stepped(
  points: tf.Tensor,
  gradient: tf.Tensor,
  images: tf.Tensor,
  { epsilon, stepSize }: AscentConfig,
  norm = linf,
): tf.Tensor {
  const moved = tf.add(points, tf.mul(norm.direction(gradient), stepSize));
  return tf.clipByValue(norm.project(moved, images, epsilon), 0, 1);
}

/** A step of adversarial in the balls of images, and what is seen of the points before it. */
function ascentStep(network: Network, config: AscentConfig, loss: AttackLoss, norm: Norm): Step {
  return (inputs) => {
    const adversarial = inputs.adversarial as tf.Tensor;
    const { gradient, seen } = slopeOf(network, inputs, adversarial, loss);
    return { adversarial: stepped(adversarial, gradient, inputs.images as tf.Tensor, config, norm), ...seen };
  };
}

/** The images, each moved by the offset that `fill` writes for its row. */
export function movedBy(images: HostArray, fill: (offset: Float32Array, row: number) => void): HostArray {
  const data = new Float32Array(images.data.length);
  const count = images.shape[0] as number;
  const size = data.length / count;
  for (let row = 0; row < count; row++) fill(data.subarray(row * size, (row + 1) * size), row);
  for (let index = 0; index < data.length; index++) data[index] = (data[index] as number) + (images.data[index] as number);
  return { ...images, data };
}

/** Where an ascent starts: the images, or uniform points of their balls; one random stream an image. */
export function startingPoints(
  images: HostArray,
  { epsilon, randomStart }: PgdConfig,
  streamOf: (row: number) => RandomStream,
  norm = linf,
): HostArray {
  if (!randomStart) return { ...images, data: images.data.slice() };
  const { data } = movedBy(images, (offset, row) => norm.fill(offset, epsilon, streamOf(row)));
  for (let index = 0; index < data.length; index++) data[index] = Math.min(1, Math.max(0, data[index] as number));
  return { ...images, data };
}

/** Points after a step, and what was true of those before it. */
export interface Ascended extends Seen {
  adversarial: HostArray;
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
    return { adversarial: outputs.adversarial as HostArray, ...seenIn(outputs) };
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
