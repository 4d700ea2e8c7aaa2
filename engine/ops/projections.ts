import * as tf from '@tensorflow/tfjs-core';

/**
 * The point of the box |x - centre| <= radius that is nearest to the given point. Any shape; exactly idempotent.
 * @param radius a number, or a scalar tensor where it changes from call to call
 */
export function projectLinf<T extends tf.Tensor>(point: T, centre: T, radius: number | tf.Scalar): T {
  return tf.minimum(tf.maximum(point, tf.sub(centre, radius)), tf.add(centre, radius)) as T;
}

/**
 * The point of the ball ||x - centre|| <= radius that is nearest to the given point; the norm is over all entries.
 * A point inside stays as it is.
 */
export function projectL2<T extends tf.Tensor>(point: T, centre: T, radius: number | tf.Scalar): T {
  const difference = tf.sub(point, centre);
  const length = tf.sqrt(tf.sum(tf.square(difference)));
  const shrunk = tf.add(centre, tf.mul(difference, tf.div(radius, tf.maximum(length, 1e-30))));
  return tf.where(tf.lessEqual(length, radius), point, shrunk) as T;
}
