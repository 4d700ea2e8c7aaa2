import * as tf from '@tensorflow/tfjs-core';

/**
 * The point of the box |x - centre| <= radius that is nearest to the given point. Any shape; exactly idempotent.
 * @param radius a number, or a tensor beside the point where it changes from call to call
 */
export function projectLinf<T extends tf.Tensor>(point: T, centre: T, radius: number | tf.Tensor): T {
  return tf.minimum(tf.maximum(point, tf.sub(centre, radius)), tf.add(centre, radius)) as T;
}

/**
 * The points of the balls |x - centre| <= radius in l2, one an image [images, height, width, channels], that are nearest to the
 * given points: offsets that are longer are scaled to the radius.
 */
export function projectL2(points: tf.Tensor, centres: tf.Tensor, radius: number | tf.Tensor): tf.Tensor {
  const offsets = tf.sub(points, centres);
  const lengths = tf.sqrt(tf.sum(tf.square(offsets), [1, 2, 3], true));
  const scales = tf.div(radius, tf.maximum(lengths, tf.maximum(radius, 1e-12)));
  return tf.add(centres, tf.mul(offsets, scales));
}
