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
    const mixed = tf.matMul(shares, parts[2]) as Four;
    (save as unknown as tf.GradSaveFunc)([...parts, shares, mixed]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) =>
      gradients(headwise(dy as Three, heads), saved as [Four, Four, Four, Four, Four], 1 / Math.sqrt(size)).map(tokenwise);
    return { value: tokenwise(mixed), gradFunc };
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

/**
 * Of queries, keys and values, each [images, heads, tokens, head size]; shares: what a token takes of each, [..., tokens, tokens]. Of
 * the gradients of a token's shares their mean by share is taken off, which is the product of what it took and of that gradient (Dao et
 * al., 2022, appendix B.4): rows of a head's size begin where vectors do, so that a sum does not depend on the image's place.
 */
function gradients(dy: Four, [queries, keys, values, shares, mixed]: [Four, Four, Four, Four, Four], scale: number): Four[] {
  const ofShares = tf.sub(tf.matMul(dy, values, false, true), tf.sum(tf.mul(dy, mixed), -1, true));
  const ofScores = tf.mul(tf.mul(shares, ofShares), scale) as Four;
  return [tf.matMul(ofScores, keys), tf.matMul(ofScores, queries, true, false), tf.matMul(shares, dy, true, false)];
}
