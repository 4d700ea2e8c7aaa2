import * as tf from '@tensorflow/tfjs-core';

type Four = tf.Tensor4D;

/**
 * Scaled dot-product self-attention of several heads (Vaswani et al., 2017): softmax(q k / sqrt(head size)) v in every head.
 * @param projected [images, tokens, 3 features]: queries, keys and values, each head by head
 * @returns [images, tokens, features], head by head
 */
export function selfAttention(projected: tf.Tensor3D, heads: number): tf.Tensor3D {
  const [images, tokens, width] = projected.shape;
  const size = width / 3 / heads;
  const scale = 1 / Math.sqrt(size);
  const attend = tf.customGrad((_projected, save) => {
    const split = tf.transpose(tf.reshape(projected, [images, tokens, 3, heads, size]), [2, 0, 3, 1, 4]);
    const part = (index: number) =>
      tf.reshape(tf.slice(split, [index, 0, 0, 0, 0], [1, images, heads, tokens, size]), [images, heads, tokens, size]) as Four;
    const [queries, keys, values] = [part(0), part(1), part(2)];
    const shares = tf.softmax(tf.mul(tf.matMul(queries, keys, false, true), scale), -1) as Four;
    (save as tf.GradSaveFunc)([queries, keys, values, shares]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const headwise = tf.transpose(tf.reshape(dy, [images, tokens, heads, size]), [0, 2, 1, 3]) as Four;
      const parts = gradients(headwise, saved as [Four, Four, Four, Four], scale).map((gradient) =>
        tf.reshape(tf.transpose(gradient, [0, 2, 1, 3]), [images, tokens, width / 3]),
      );
      return tf.concat(parts, 2);
    };
    return { value: tf.reshape(tf.transpose(tf.matMul(shares, values), [0, 2, 1, 3]), [images, tokens, width / 3]), gradFunc };
  });
  return attend(projected) as tf.Tensor3D;
}

/** Of queries, keys and values, each [images, heads, tokens, head size]; shares: what a token takes of each, [..., tokens, tokens]. */
function gradients(dy: Four, [queries, keys, values, shares]: [Four, Four, Four, Four], scale: number): Four[] {
  const ofShares = tf.matMul(dy, values, false, true);
  const weighed = tf.mul(ofShares, shares);
  const ofScores = tf.mul(tf.sub(weighed, tf.mul(shares, tf.sum(weighed, -1, true))), scale) as Four;
  return [tf.matMul(ofScores, keys), tf.matMul(ofScores, queries, true, false), tf.matMul(shares, dy, true, false)];
}
