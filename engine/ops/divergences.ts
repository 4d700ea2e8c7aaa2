/** Distances between predictions, of every image: [images]. */
import * as tf from '@tensorflow/tfjs-core';

const ofRows = (x: tf.Tensor) => tf.sum(x, 1) as tf.Tensor1D;

/**
 * Kullback-Leibler divergence of the softmax of logits from target, in nats: sum of target (log target - log softmax).
 * @param logits [images, classes]
 * @param target probabilities [images, classes]
 * @param logTarget their logarithm, where it is known better than from the target itself
 */
export function divergence(logits: tf.Tensor2D, target: tf.Tensor, logTarget: tf.Tensor): tf.Tensor1D {
  return ofRows(tf.mul(target, tf.sub(logTarget, tf.logSoftmax(logits))));
}

/** Cross-entropy of the softmax of logits with probabilities for targets, in nats: [images]. */
export function softCrossEntropy(logits: tf.Tensor2D, target: tf.Tensor): tf.Tensor1D {
  return tf.neg(ofRows(tf.mul(target, tf.logSoftmax(logits))));
}

/** Sum of the squared differences of two rows of probabilities: [images]. */
export function squaredDistance(first: tf.Tensor, second: tf.Tensor): tf.Tensor1D {
  return ofRows(tf.square(tf.sub(first, second)));
}

/**
 * 1 - smoothing at the label, the rest evenly among the other classes: [images, classes].
 * @param labels int32 [images]
 */
export function smoothLabels(labels: tf.Tensor1D, classes: number, smoothing = 0): tf.Tensor2D {
  const each = smoothing / (classes - 1);
  return tf.add(tf.mul(tf.cast(tf.oneHot(labels, classes), 'float32'), 1 - smoothing - each), each) as tf.Tensor2D;
}
