import * as tf from '@tensorflow/tfjs-core';

/**
 * Scaled dot-product self-attention of several heads (Vaswani et al., 2017): softmax(q k / sqrt(head size)) v in every head.
 * @param projected [images, tokens, 3 features]: queries, keys and values, each head by head
 * @returns [images, tokens, features], head by head
 */
export function selfAttention(projected: tf.Tensor3D, heads: number): tf.Tensor3D {
  const [images, tokens, width] = projected.shape;
  const size = width / 3 / heads;
  const split = tf.transpose(tf.reshape(projected, [images, tokens, 3, heads, size]), [2, 0, 3, 1, 4]);
  const part = (index: number) =>
    tf.reshape(tf.slice(split, [index, 0, 0, 0, 0], [1, images, heads, tokens, size]), [images, heads, tokens, size]) as tf.Tensor4D;
  const scores = tf.softmax(tf.mul(tf.matMul(part(0), part(1), false, true), 1 / Math.sqrt(size)), -1);
  const mixed = tf.transpose(tf.matMul(scores, part(2)), [0, 2, 1, 3]);
  return tf.reshape(mixed, [images, tokens, heads * size]);
}
