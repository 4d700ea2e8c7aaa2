/** Losses of attacks beside the cross-entropy: ratios and differences of logits, and the distance from clean predictions. */
import * as tf from '@tensorflow/tfjs-core';
import { divergence } from './divergences.ts';
import { rivalsOf, targetsOf, vanishedWhere, withSlope } from './losses.ts';

/** Losses [images] to climb; vanished, int32 [images]: 1 where every entry of the gradient at the logits is exactly 0. */
export interface Climbable {
  losses: tf.Tensor1D;
  vanished: tf.Tensor1D;
}

function climbable(logits: tf.Tensor2D, losses: tf.Tensor1D, slope: tf.Tensor): Climbable {
  return { losses: withSlope(logits, losses, slope), vanished: vanishedWhere(slope) };
}

/** Where the k largest logits are: k one-hot rows [images, classes], the largest first; of equal ones the first. */
function largest(logits: tf.Tensor2D, k: number): tf.Tensor2D[] {
  const places: tf.Tensor2D[] = [];
  let left = logits;
  for (let rank = 0; rank < k; rank++) {
    const place = targetsOf(logits, tf.argMax(left, 1) as tf.Tensor1D);
    places.push(place);
    left = tf.add(left, tf.mul(place, -1e30)) as tf.Tensor2D;
  }
  return places;
}

/** numerator / denominator [images], each a combination of logits with these coefficients [images, classes]. */
function ratio(logits: tf.Tensor2D, above: tf.Tensor, below: tf.Tensor): Climbable {
  const numerator = tf.sum(tf.mul(logits, above), 1, true);
  const denominator = tf.add(tf.sum(tf.mul(logits, below), 1, true), 1e-12);
  const quotient = tf.div(numerator, denominator);
  const slope = tf.div(tf.sub(above, tf.mul(quotient, below)), denominator);
  return climbable(logits, tf.squeeze(quotient, [1]), slope);
}

/**
 * Difference of logits ratio (Croce and Hein, 2020, equation 6): the margin over z_1 - z_3, sorted from above, so that neither
 * shift nor scale of the logits changes it. Needs three classes.
 */
export function differenceOfLogitsRatio(logits: tf.Tensor2D, labels: tf.Tensor1D): Climbable {
  const targets = targetsOf(logits, labels);
  const rival = targetsOf(logits, tf.argMax(rivalsOf(logits, targets), 1) as tf.Tensor1D);
  const [first, , third] = largest(logits, 3) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
  return ratio(logits, tf.sub(rival, targets), tf.sub(first, third));
}

/** The same toward a class (equation 7): z_target - z_label over z_1 - (z_3 + z_4) / 2. Needs four classes. */
export function targetedDifferenceOfLogitsRatio(logits: tf.Tensor2D, labels: tf.Tensor1D, aims: tf.Tensor1D): Climbable {
  const [first, , third, fourth] = largest(logits, 4) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
  const above = tf.sub(targetsOf(logits, aims), targetsOf(logits, labels));
  return ratio(logits, above, tf.sub(first, tf.mul(tf.add(third, fourth), 0.5)));
}

/** z_target - z_label: how far a class is above the label. */
export function logitDifference(logits: tf.Tensor2D, labels: tf.Tensor1D, aims: tf.Tensor1D): Climbable {
  const slope = tf.sub(targetsOf(logits, aims), targetsOf(logits, labels));
  return climbable(logits, tf.sum(tf.mul(logits, slope), 1), slope);
}

/**
 * Kullback-Leibler divergence KL(softmax(reference) || softmax(logits)) of every image, in nats, and its gradient with respect to
 * the logits, softmax(logits) - softmax(reference). Both [images, classes]; the reference is held fixed.
 */
export function divergenceFrom(logits: tf.Tensor2D, reference: tf.Tensor2D): Climbable {
  const from = tf.logSoftmax(reference);
  const fixed = tf.exp(from);
  const slope = tf.sub(tf.exp(tf.logSoftmax(logits)), fixed);
  return climbable(logits, divergence(logits, fixed, from), slope);
}
