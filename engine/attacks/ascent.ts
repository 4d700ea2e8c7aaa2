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
import { repeated } from './rows.ts';
import { type Seen, seenIn, slopeOf } from './slope.ts';

export type AscentConfig = Pick<PgdConfig, 'epsilon' | 'stepSize' | 'steps'>;

/** How far a step and all of them go: numbers, or one an image [count, 1, 1, 1]. */
type Reach = Record<'epsilon' | 'stepSize', number | tf.Tensor>;

/** One step from points along their gradients: clip(project(point + stepSize direction(gradient))); all [count, height, width, channels]. */
export function stepped(points: tf.Tensor, gradient: tf.Tensor, images: tf.Tensor, { epsilon, stepSize }: Reach, norm = linf): tf.Tensor {
  const moved = tf.add(points, tf.mul(norm.direction(gradient), stepSize));
  return tf.clipByValue(norm.project(moved, images, epsilon), 0, 1);
}

/** A step of adversarial in the balls of images, and what is seen of the points before it. Inputs are those of ascentInputs. */
export function ascentStep(network: Network, loss: AttackLoss, norm: Norm): Step {
  return (inputs) => {
    const adversarial = inputs.adversarial as tf.Tensor;
    const { gradient, seen } = slopeOf(network, inputs, adversarial, loss);
    const ofImage = (name: keyof Reach) => tf.reshape(inputs[name] as tf.Tensor, [-1, 1, 1, 1]);
    const reach = { epsilon: ofImage('epsilon'), stepSize: ofImage('stepSize') };
    return { adversarial: stepped(adversarial, gradient, inputs.images as tf.Tensor, reach, norm), ...seen };
  };
}

/** @param beside what the loss depends on, under its name */
export function ascentInputs(
  { images, labels, count }: Batch,
  adversarial: HostArray,
  { epsilon, stepSize }: AscentConfig,
  beside: HostArrays = {},
): HostArrays {
  return { images, labels, adversarial, epsilon: repeated(epsilon, count), stepSize: repeated(stepSize, count), ...beside };
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

const ascendedIn = (outputs: HostArrays): Ascended => ({ adversarial: outputs.adversarial as HostArray, ...seenIn(outputs) });

export class Ascent {
  readonly config: AscentConfig;
  private readonly step: CompiledStep;
  private readonly pace = new Pace();

  /** @param lasting see CompileOptions; false where the weights change every few steps */
  constructor(backend: Backend, network: Network, config: AscentConfig, weights: Weights, { lasting = true } = {}) {
    this.config = config;
    this.step = backend.compile(`PGD step of ${network.architecture}`, ascentStep(network, crossEntropyLoss, linf), {
      parallelism: 'images',
      constants: { ...weights },
      lasting,
    });
  }

  /** The network's weights from now on. */
  setWeights(weights: Weights): Promise<void> {
    return this.step.setConstants({ ...weights });
  }

  /** One step, or so many on end; what is said of the points then is of those before the last. */
  async advance(batch: Batch, adversarial: HostArray, times?: number): Promise<Ascended> {
    const options = times === undefined ? {} : { times, feed: { adversarial: 'adversarial' } };
    return ascendedIn(await this.step.run(ascentInputs(batch, adversarial, this.config), options));
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
