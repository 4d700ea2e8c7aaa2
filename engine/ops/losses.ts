import * as tf from '@tensorflow/tfjs-core';

/**
 * Cross-entropy of every image, in nats: log sum exp(logits) - logits[label].
 * @param logits [images, classes]
 * @param labels int32 [images], in [0, classes)
 * @returns [images]
 */
export function crossEntropy(logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Tensor1D {
  const target = tf.cast(tf.oneHot(labels, logits.shape[1]), 'float32');
  const losses = tf.customGrad((input, save) => {
    const shifted = tf.sub(input as tf.Tensor, tf.max(input as tf.Tensor, 1, true));
    const exponentials = tf.exp(shifted);
    const total = tf.sum(exponentials, 1, true);
    (save as tf.GradSaveFunc)([tf.div(exponentials, total), target]);
    const value = tf.sub(tf.squeeze(tf.log(total), [1]), tf.sum(tf.mul(shifted, target), 1));
    return {
      value,
      gradFunc: (dy, saved) => tf.mul(tf.sub(saved[0] as tf.Tensor, saved[1] as tf.Tensor), tf.expandDims(dy, 1)),
    };
  });
  return losses(logits) as tf.Tensor1D;
}

/** 1 where the largest logit is the label's (the first of equal ones counts), else 0: int32 [images]. */
export function topOneCorrect(logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Tensor1D {
  return tf.cast(tf.equal(tf.argMax(logits, 1), labels), 'int32') as tf.Tensor1D;
}
