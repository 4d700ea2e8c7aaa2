/** Nearest points of hyperplanes within the box of pixels, for attacks that walk along the decision boundary. */
import * as tf from '@tensorflow/tfjs-core';

/** Newton steps toward the length of an offset: of 11,000 that FAB asked for on CIFAR-10, one wanted a third one for six digits. */
const newtonSteps = 3;

/** Keeps what does not reach from being divided by 0: its length becomes so large that the box alone bounds the offset. */
const least = 1e-30;

/** Inner products of rows: [count, 1]. */
export const dot = (first: tf.Tensor, second: tf.Tensor): tf.Tensor => tf.sum(tf.mul(first, second), 1, true);

/**
 * The shortest offsets in l-infinity that take points in [0, 1] to hyperplanes and leave them in [0, 1]; where none does, those that
 * come closest.
 *
 * Every value moves the same way, as far as the box lets it: |offset_i| = min(length, room_i). The reach of a length, the sum of
 * |normal_i| min(length, room_i), is concave and piecewise linear, so that Newton's method climbs from the left to the length in a
 * few steps.
 * @param points [count, values]
 * @param normals [count, values]
 * @param away [count, 1]: normal . point - target, how far a point is on the hyperplane's upper side
 * @returns offsets [count, values], and their largest entries [count, 1]
 */
export function toHyperplane(points: tf.Tensor, normals: tf.Tensor, away: tf.Tensor): { offsets: tf.Tensor; lengths: tf.Tensor } {
  const weights = tf.abs(normals);
  const directions = tf.mul(tf.sign(normals), tf.sub(tf.mul(tf.cast(tf.less(away, 0), 'float32'), 2), 1));
  const up = tf.step(directions);
  const rooms = tf.add(up, tf.mul(points, tf.sub(1, tf.mul(up, 2))));
  const distance = tf.abs(away);
  const over = (numerator: tf.Tensor, denominator: tf.Tensor) => tf.div(numerator, tf.maximum(denominator, least));
  let length = over(distance, tf.sum(weights, 1, true));
  for (let step = 0; step < newtonSteps; step++) {
    const missing = tf.sub(distance, dot(weights, tf.minimum(rooms, length)));
    const free = dot(weights, tf.step(tf.sub(rooms, length)));
    length = tf.add(length, over(tf.relu(missing), free));
  }
  const offsets = tf.mul(directions, tf.minimum(rooms, length));
  return { offsets, lengths: tf.max(tf.abs(offsets), 1, true) };
}
