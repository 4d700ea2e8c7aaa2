/** The balls that attacks stay in: how a gradient becomes a step, how a point gets back, and where a search may start. */
import * as tf from '@tensorflow/tfjs-core';
import { projectL2, projectLinf } from '../ops/projections.ts';
import type { RandomStream } from '../random.ts';

export interface Norm {
  name: 'linf' | 'l2';
  /** The steepest step of length 1 for gradients [images, height, width, channels]. */
  direction(gradient: tf.Tensor): tf.Tensor;
  /** The nearest points of the balls around the centres. */
  project(points: tf.Tensor, centres: tf.Tensor, radius: number | tf.Tensor): tf.Tensor;
  /** Fills `offset` with a uniform point of the ball around 0. */
  fill(offset: Float32Array, radius: number, stream: RandomStream): void;
}

export const linf: Norm = {
  name: 'linf',
  direction: tf.sign,
  project: projectLinf,
  fill: (offset, radius, stream) => stream.fillUniform(offset, -radius, radius),
};

/** Keeps a gradient of 0 from being divided by 0; as the published attacks have it. */
const least = 1e-12;

export const l2: Norm = {
  name: 'l2',
  direction: (gradient) => tf.div(gradient, tf.add(tf.sqrt(tf.sum(tf.square(gradient), [1, 2, 3], true)), least)),
  project: projectL2,
  fill(offset, radius, stream) {
    stream.fillNormal(offset, 0, 1);
    const length = Math.sqrt(offset.reduce((sum, value) => sum + value * value, 0));
    const scale = (radius * stream.uniform() ** (1 / offset.length)) / length;
    for (let index = 0; index < offset.length; index++) offset[index] = (offset[index] as number) * scale;
  },
};
