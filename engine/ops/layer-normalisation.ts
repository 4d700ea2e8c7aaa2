import * as tf from '@tensorflow/tfjs-core';

/**
 * Layer normalisation (Ba et al., 2016) over the last axis: (x - mean) / sqrt(variance + epsilon) * scale + offset.
 * @param x [..., features]
 * @param scale [features]
 * @param offset [features]
 */
export function layerNormalisation<T extends tf.Tensor>(x: T, scale: tf.Tensor1D, offset: tf.Tensor1D, epsilon: number): T {
  const centred = tf.sub(x, tf.mean(x, -1, true));
  const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), epsilon));
  const normalise = tf.customGrad((_x, factor, summand, save) => {
    const normal = tf.mul(centred, inverse);
    (save as tf.GradSaveFunc)([normal, inverse, factor as tf.Tensor]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => gradients(dy, saved as [tf.Tensor, tf.Tensor, tf.Tensor]);
    return { value: tf.add(tf.mul(normal, factor as tf.Tensor), summand as tf.Tensor), gradFunc };
  });
  return normalise(x, scale, offset) as T;
}

/** Of x, scale and offset; mean and variance depend on x (as in Ioffe and Szegedy, 2015, section 3, along the other axis). */
function gradients(dy: tf.Tensor, [normal, inverse, scale]: [tf.Tensor, tf.Tensor, tf.Tensor]): tf.Tensor[] {
  const axes = dy.shape.slice(0, -1).map((_, axis) => axis);
  const slope = tf.mul(dy, scale);
  const along = tf.mul(normal, tf.mean(tf.mul(slope, normal), -1, true));
  const ofX = tf.mul(tf.sub(tf.sub(slope, tf.mean(slope, -1, true)), along), inverse);
  return [ofX, tf.sum(tf.mul(dy, normal), axes), tf.sum(dy, axes)];
}
