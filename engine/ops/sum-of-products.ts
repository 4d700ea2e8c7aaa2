import * as tf from '@tensorflow/tfjs-core';

/** Kernel name, besides tfjs' own, for backends that have it. inputs: a, b [..., channels]; output: [channels]. */
export const fusedSumOfProducts = 'SumOfProducts';

/**
 * Sum of a b over all axes but the last.
 * @param a [..., channels]
 * @param b like a
 */
export function sumOfProducts(a: tf.Tensor, b: tf.Tensor): tf.Tensor1D {
  if (tf.getKernel(fusedSumOfProducts, tf.getBackend())) return tf.engine().runKernel(fusedSumOfProducts, { a, b }) as tf.Tensor1D;
  return tf.sum(
    tf.mul(a, b),
    a.shape.slice(0, -1).map((_, axis) => axis),
  );
}
