import * as tf from '@tensorflow/tfjs-core';

/**
 * Layer normalisation (Ba et al., 2016) over the last axis: (x - mean) / sqrt(variance + epsilon) * scale + offset.
 * @param x [..., features]
 * @param scale [features]
 * @param offset [features]
 */
export function layerNormalisation<T extends tf.Tensor>(x: T, scale: tf.Tensor1D, offset: tf.Tensor1D, epsilon: number): T {
  const centred = tf.sub(x, tf.mean(x, -1, true));
  const variance = tf.mean(tf.square(centred), -1, true);
  return tf.add(tf.mul(tf.mul(centred, tf.rsqrt(tf.add(variance, epsilon))), scale), offset) as T;
}
