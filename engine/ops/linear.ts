import * as tf from '@tensorflow/tfjs-core';

/** x weight + bias: [images, inputs] times [inputs, outputs], plus [outputs]. */
export function linear(x: tf.Tensor2D, weight: tf.Tensor2D, bias: tf.Tensor1D): tf.Tensor2D {
  return tf.add(tf.matMul(x, weight), bias) as tf.Tensor2D;
}
