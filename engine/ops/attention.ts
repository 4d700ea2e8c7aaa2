import * as tf from '@tensorflow/tfjs-core';

type Three = tf.Tensor3D;
type Four = tf.Tensor4D;

/**
 * Scaled dot-product attention of several heads (Vaswani et al., 2017): softmax(q k / sqrt(head size)) v in every head.
 * @param queries [tokens that ask, images, features], head by head
 * @param keys [tokens, images, features], head by head
 * @param values like keys
 * @returns [tokens that ask, images, features], head by head
 */
export function attention(queries: Three, keys: Three, values: Three, heads: number): Three {
  const size = queries.shape[2] / heads;
  const attend = tf.customGrad((q, k, v, save) => {
    const parts = [q, k, v].map((part) => headwise(byHead(part as Three, heads))) as [Four, Four, Four];
    const scores = tf.mul(tf.matMul(parts[0], parts[1], false, true), 1 / Math.sqrt(size));
    const shares = tf.softmax(scores, -1) as Four;
    const mixed = tokenwise(tf.matMul(shares, parts[2]) as Four);
    (save as unknown as tf.GradSaveFunc)([...parts, shares, mixed]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) =>
      gradients(byHead(dy as Three, heads), saved as [Four, Four, Four, Four, Four], 1 / Math.sqrt(size)).map(joined);
    return { value: joined(mixed), gradFunc };
  });
  return attend(queries, keys, values) as Three;
}

/** [tokens, images, features] as [tokens, images, heads, head size], and back. */
const byHead = (x: Three, heads: number): Four => tf.reshape(x, [x.shape[0], x.shape[1], heads, x.shape[2] / heads]);
const joined = (x: Four): Three => tf.reshape(x, [x.shape[0], x.shape[1], x.shape[2] * x.shape[3]]);

/** [tokens, images, heads, head size] as [images, heads, tokens, head size], and back. */
const headwise = (x: Four): Four => tf.transpose(x, [1, 2, 0, 3]);
const tokenwise = (x: Four): Four => tf.transpose(x, [2, 0, 1, 3]);

/**
 * The gradients of queries, keys and values, which are [images, heads, tokens, head size], token by token.
 * Of the gradients of a token's shares their mean by share is taken off, which is the product of what it took and of that gradient (Dao
 * et al., 2022, appendix B.4): rows of a head's size begin where vectors do, so that a sum does not depend on the image's place.
 * @param dy like mixed
 * @param saved shares: what a token takes of each, [images, heads, tokens, tokens]; mixed: what comes of it, [tokens, images, heads, head size]
 */
function gradients(dy: Four, saved: [Four, Four, Four, Four, Four], scale: number): Four[] {
  const [queries, keys, values, shares, mixed] = saved;
  const ofMixed = headwise(dy);
  const ofShares = tf.sub(tf.matMul(ofMixed, values, false, true), headwise(tf.sum(tf.mul(dy, mixed), -1, true)));
  const ofScores = tf.mul(tf.mul(shares, ofShares), scale) as Four;
  const found = [tf.matMul(ofScores, keys), tf.matMul(ofScores, queries, true, false), tf.matMul(shares, ofMixed, true, false)];
  return found.map((gradient) => tokenwise(gradient as Four));
}
