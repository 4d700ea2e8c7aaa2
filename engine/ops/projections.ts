import * as tf from '@tensorflow/tfjs-core';

/**
 * The point of the box |x - centre| <= radius that is nearest to the given point. Any shape; exactly idempotent.
 * @param radius a number, or a scalar tensor where it changes from call to call
 */
export function projectLinf<T extends tf.Tensor>(point: T, centre: T, radius: number | tf.Scalar): T {
  return tf.minimum(tf.maximum(point, tf.sub(centre, radius)), tf.add(centre, radius)) as T;
}
