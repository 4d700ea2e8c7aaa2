/**
 * Projected gradient descent in the l-infinity ball (Madry et al., 2018): ascent on the cross-entropy by sign steps, with
 * batch normalisation in evaluation mode.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Backend, CompiledStep, HostArray, Step } from '../backends/backend.ts';
import type { PgdConfig } from '../config.ts';
import type { Batch } from '../data/batches.ts';
import { classify, differentiate } from '../models/differentiate.ts';
import type { Network } from '../models/network.ts';
import { projectLinf } from '../ops/projections.ts';
import type { RandomStream } from '../random.ts';
import { untilAborted, type Watch } from '../watch.ts';
import type { Weights } from '../weights/weights.ts';
import type { AttackDescription } from './description.ts';

/** Longest time that a call of several steps should take, in milliseconds, so that progress and a stop come through. */
const longestCall = 400;

/** The attack as protocols state it: settings without effect are left out. */
export function describePgd({ epsilon, stepSize, steps, randomStart, restarts }: PgdConfig): AttackDescription {
  return { name: 'PGD', norm: 'linf', epsilon, stepSize, steps, randomStart, ...(randomStart && { restarts }) };
}

/**
 * One step: x' = clip(project(x' + stepSize sign(gradient))), on images and adversarial [count, height, width, channels] and
 * labels int32 [count]. `correct`, int32 [count], says whether the point before the step was classified correctly.
 */
function pgdStep(network: Network, { epsilon, stepSize }: PgdConfig): Step {
  return (inputs) => {
    const adversarial = inputs.adversarial as tf.Tensor;
    const labels = inputs.labels as tf.Tensor1D;
    const { gradients, kept } = differentiate({ adversarial }, () => {
      const { losses, correct } = classify(network, { hidden: adversarial, labels, weights: inputs, mode: 'evaluation' });
      return { loss: tf.sum(losses), kept: { correct } };
    });
    const moved = tf.add(adversarial, tf.mul(tf.sign(gradients.adversarial as tf.Tensor), stepSize));
    const projected = projectLinf(moved, inputs.images as tf.Tensor, epsilon);
    return { adversarial: tf.clipByValue(projected, 0, 1), correct: kept.correct as tf.Tensor };
  };
}

/** Where a run of the attack starts: the images, or uniform points of their balls; one random stream an image. */
export function startingPoints({ images, count }: Batch, config: PgdConfig, streamOf: (row: number) => RandomStream): HostArray {
  if (!config.randomStart) return { ...images, data: images.data.slice() };
  const data = new Float32Array(images.data.length);
  const size = data.length / count;
  for (let row = 0; row < count; row++)
    streamOf(row).fillUniform(data.subarray(row * size, (row + 1) * size), -config.epsilon, config.epsilon);
  for (let index = 0; index < data.length; index++) {
    const value = (data[index] as number) + (images.data[index] as number);
    data[index] = Math.min(1, Math.max(0, value));
  }
  return { ...images, data };
}

export class Pgd {
  readonly config: PgdConfig;
  private readonly step: CompiledStep;
  private stepMilliseconds = longestCall;

  constructor(backend: Backend, network: Network, config: PgdConfig, weights: Weights) {
    this.config = config;
    this.step = backend.compile(`PGD step of ${network.architecture}`, pgdStep(network, config), {
      parallelism: 'images',
      constants: { ...weights },
    });
  }

  /** The network's weights from now on. */
  setWeights(weights: Weights): Promise<void> {
    return this.step.setConstants({ ...weights });
  }

  /** One step from `adversarial`, and which of these points were classified correctly. */
  async advance(batch: Batch, adversarial: HostArray): Promise<{ adversarial: HostArray; correct: Int32Array }> {
    const outputs = await this.step.run({ images: batch.images, labels: batch.labels, adversarial });
    return { adversarial: outputs.adversarial as HostArray, correct: outputs.correct?.data as Int32Array };
  }

  /** The points after all steps from `start`, whatever happens on the way. The watch advances by images x steps. */
  async perturb(batch: Batch, start: HostArray, watch: Watch): Promise<HostArray> {
    let adversarial = start;
    for (let done = 0; done < this.config.steps; ) {
      const fitting = Math.max(1, Math.floor(longestCall / this.stepMilliseconds));
      const times = Math.min(this.config.steps - done, fitting);
      const began = performance.now();
      const run = this.step.run(
        { images: batch.images, labels: batch.labels, adversarial },
        { times, feed: { adversarial: 'adversarial' } },
      );
      adversarial = (await untilAborted(watch.signal, run)).adversarial as HostArray;
      this.stepMilliseconds = (performance.now() - began) / times;
      done += times;
      watch.advance(batch.count * times);
    }
    return adversarial;
  }

  dispose(): Promise<void> {
    return this.step.dispose();
  }
}
