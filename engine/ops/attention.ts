import * as tf from '@tensorflow/tfjs-core';

type Three = tf.Tensor3D;
type Four = tf.Tensor4D;

/**
 * Scaled dot-product attention of several heads (Vaswani et al., 2017): softmax(q k / sqrt(head size)) v in every head.
 * @param queries [images, tokens that ask, features], head by head
 * @param keys [images, tokens, features], head by head
 * @param values like keys
 * @returns [images, tokens that ask, features], head by head
 */
export function attention(queries: Three, keys: Three, values: Three, heads: number): Three {
  const size = queries.shape[2] / heads;
  const attend = tf.customGrad((q, k, v, save) => {
    const parts = [q, k, v].map((part) => headwise(part as Three, heads)) as [Four, Four, Four];
    const scores = tf.mul(tf.matMul(parts[0], parts[1], false, true), 1 / Math.sqrt(size));
    const shares = tf.softmax(scores, -1) as Four;
    (save as unknown as tf.GradSaveFunc)([...parts, shares]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) =>
      gradients(headwise(dy as Three, heads), saved as [Four, Four, Four, Four], 1 / Math.sqrt(size)).map(tokenwise);
    return { value: tokenwise(tf.matMul(shares, parts[2])), gradFunc };
  });
  return attend(queries, keys, values) as Three;
}

/** [images, tokens, features] as [images, heads, tokens, head size]. */
function headwise(x: Three, heads: number): Four {
  const [images, tokens, features] = x.shape;
  return tf.transpose(tf.reshape(x, [images, tokens, heads, features / heads]), [0, 2, 1, 3]);
}

/** And back. */
function tokenwise(x: Four): Three {
  const [images, heads, tokens, size] = x.shape;
  return tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [images, tokens, heads * size]);
}

/** Of queries, keys and values, each [images, heads, tokens, head size]; shares: what a token takes of each, [..., tokens, tokens]. */
function gradients(dy: Four, [queries, keys, values, shares]: [Four, Four, Four, Four], scale: number): Four[] {
  const weighed = tf.mul(tf.matMul(dy, values, false, true), shares);
  const ofScores = tf.mul(tf.sub(weighed, tf.mul(shares, tf.sum(weighed, -1, true))), scale) as Four;
  return [tf.matMul(ofScores, keys), tf.matMul(ofScores, queries, true, false), tf.matMul(shares, dy, true, false)];
}
