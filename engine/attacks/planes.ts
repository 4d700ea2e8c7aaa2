/** Attacks keep points channel by channel, as convolutions take them: one row of channels x height x width values an image. */
import * as tf from '@tensorflow/tfjs-core';
import type { ImageShape } from '../data/dataset.ts';

/** The values of an image [height, width, channels], channel by channel. */
export function toPlanes(image: Float32Array, [height, width, channels]: ImageShape): Float32Array {
  const planes = new Float32Array(image.length);
  const size = height * width;
  for (let pixel = 0; pixel < size; pixel++)
    for (let channel = 0; channel < channels; channel++) planes[channel * size + pixel] = image[pixel * channels + channel] as number;
  return planes;
}

/** Images [count, height, width, channels] of points [count, channels x height x width]. */
export function imagesOf(points: tf.Tensor, [height, width, channels]: ImageShape): tf.Tensor4D {
  const planes = tf.reshape(points, [points.shape[0] as number, channels, height, width]);
  return tf.transpose(planes, [0, 2, 3, 1]) as tf.Tensor4D;
}

/** One number an image, [count], as an operand beside points. */
export const ofImage = (values: tf.Tensor): tf.Tensor => tf.expandDims(values, 1);

/** Of finite values, the first where the choice is 1, the second where it is 0; exact, and quicker than a selection. */
export const either = (choice: tf.Tensor, first: tf.Tensor, second: tf.Tensor): tf.Tensor =>
  tf.add(tf.mul(first, choice), tf.mul(second, tf.sub(1, choice)));
