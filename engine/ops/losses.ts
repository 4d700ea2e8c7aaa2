import * as tf from '@tensorflow/tfjs-core';

/** 1 at the label, else 0: [images, classes]. */
export function targetsOf(logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Tensor2D {
  return tf.cast(tf.oneHot(labels, logits.shape[1]), 'float32') as tf.Tensor2D;
}

function softmaxOf(logits: tf.Tensor2D, targets: tf.Tensor2D) {
  const shifted = tf.sub(logits, tf.max(logits, 1, true));
  const exponentials = tf.exp(shifted);
  const total = tf.sum(exponentials, 1, true);
  const losses = tf.sub(tf.squeeze(tf.log(total), [1]), tf.sum(tf.mul(shifted, targets), 1)) as tf.Tensor1D;
  return { probabilities: tf.div(exponentials, total) as tf.Tensor2D, losses };
}

/** The losses [images], with this gradient [images, classes] with respect to the logits. */
export function withSlope(logits: tf.Tensor2D, losses: tf.Tensor1D, slope: tf.Tensor): tf.Tensor1D {
  const sloped = tf.customGrad((_logits, save) => {
    (save as tf.GradSaveFunc)([slope]);
    return { value: tf.clone(losses), gradFunc: (dy, saved) => tf.mul(saved[0] as tf.Tensor, tf.expandDims(dy, 1)) };
  });
  return sloped(logits) as tf.Tensor1D;
}

/**
 * Cross-entropy of every image, in nats: log sum exp(logits) - logits[label].
 * @param logits [images, classes]
 * @param labels int32 [images], in [0, classes)
 * @returns [images]
 */
export function crossEntropy(logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Tensor1D {
  const targets = targetsOf(logits, labels);
  const { probabilities, losses } = softmaxOf(logits, targets);
  return withSlope(logits, losses, tf.sub(probabilities, targets));
}

/** 1 where every entry of the gradient at the logits [images, classes] is exactly 0, else 0: int32 [images]. */
export const vanishedWhere = (slope: tf.Tensor) => tf.cast(tf.equal(tf.max(tf.abs(slope), 1), 0), 'int32') as tf.Tensor1D;

/** The logits with the label's so far down that it never wins. */
export const rivalsOf = (logits: tf.Tensor2D, targets: tf.Tensor) => tf.add(logits, tf.mul(targets, -1e30)) as tf.Tensor2D;

/**
 * Cross-entropy for an attack to climb, and where its gradient is lost. The gradient is (1 - p) (q - e): p the label's
 * probability, q the softmax of the other classes, e the label's unit vector. Where p rounds to 1 in float32, the factor in
 * front is lost and the direction with it. There the gradient is q - e, that of the margin log sum exp(other logits) -
 * logits[label]: it points the same way and cannot vanish.
 * @returns losses [images]; vanished, int32 [images]: 1 where every entry of the plain gradient at the logits is exactly 0
 */
export function climbableCrossEntropy(logits: tf.Tensor2D, labels: tf.Tensor1D): { losses: tf.Tensor1D; vanished: tf.Tensor1D } {
  const targets = targetsOf(logits, labels);
  const { probabilities, losses } = softmaxOf(logits, targets);
  const slope = tf.sub(probabilities, targets);
  const rivals = rivalsOf(logits, targets);
  const isCertain = tf.equal(tf.sum(tf.mul(probabilities, targets), 1, true), 1);
  const marginSlope = tf.sub(softmaxOf(rivals, targets).probabilities, targets);
  return {
    losses: withSlope(logits, losses, tf.where(isCertain, marginSlope, slope)),
    vanished: vanishedWhere(slope),
  };
}

/** How far the best other class is above the label: max over j other than y of logits[j], less logits[y]; [images]. */
export function margin(logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Tensor1D {
  const targets = targetsOf(logits, labels);
  return tf.sub(tf.max(rivalsOf(logits, targets), 1), tf.sum(tf.mul(logits, targets), 1)) as tf.Tensor1D;
}

/** 1 where the largest logit is the label's (the first of equal ones counts), else 0: int32 [images]. */
export function topOneCorrect(logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Tensor1D {
  return tf.cast(tf.equal(tf.argMax(logits, 1), labels), 'int32') as tf.Tensor1D;
}
