/** Layer normalisation (Ba et al., 2016), whose scale and offset the linear module behind it takes. */
import * as tf from '@tensorflow/tfjs-core';

/** Kernel name, besides tfjs' own, for backends that have it. inputs: x [rows, features]; outputs: the normal values, and 1 / deviation [rows, 1]. */
export const fusedStandardisation = 'Standardisation';

function standardised(x: tf.Tensor2D, epsilon: number): tf.Tensor2D[] {
  if (tf.getKernel(fusedStandardisation, tf.getBackend()))
    return tf.engine().runKernel(fusedStandardisation, { x }, { epsilon }) as tf.Tensor[] as tf.Tensor2D[];
  const centred = tf.sub(x, tf.mean(x, -1, true));
  const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), epsilon)) as tf.Tensor2D;
  return [tf.mul(centred, inverse), inverse];
}

/**
 * (x - mean) / sqrt(variance + epsilon) of every row. Mean and variance depend on x (as in Ioffe and Szegedy, 2015, section 3), but
 * nothing is taken off the gradient for the mean: where the values pass a folded linear module, what comes back adds up to 0.
 */
export function standardise(x: tf.Tensor2D, epsilon: number): tf.Tensor2D {
  const apply = tf.customGrad((_x, save) => {
    const [normal, inverse] = standardised(x, epsilon) as [tf.Tensor2D, tf.Tensor2D];
    (save as tf.GradSaveFunc)([normal, inverse]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [value, slope] = saved as [tf.Tensor2D, tf.Tensor2D];
      const along = tf.mul(value, tf.mean(tf.mul(dy, value), -1, true));
      return tf.mul(tf.sub(dy, along), slope);
    };
    return { value: normal, gradFunc };
  });
  return apply(x) as tf.Tensor2D;
}

export interface Linear {
  /** [inputs, outputs]. */
  weight: tf.Tensor2D;
  /** [outputs]. */
  bias: tf.Tensor1D;
}

/**
 * Folds what layer normalisation does with standardised values x into the linear module behind it, exact up to rounding:
 * (x * scale + offset) weight + bias equals x folded weight + folded bias. A row of x adds up to 0, so the columns of the folded
 * weight may as well.
 * @param scale [inputs]
 * @param offset [inputs]
 */
export function foldLayerNormalisation({ weight, bias }: Linear, scale: tf.Tensor1D, offset: tf.Tensor1D): Linear {
  const moved = tf.matMul(tf.reshape(offset, [1, -1]), weight);
  const scaled = tf.mul(weight, tf.reshape(scale, [-1, 1])) as tf.Tensor2D;
  return { weight: tf.sub(scaled, tf.mean(scaled, 0, true)), bias: tf.add(bias, tf.reshape(moved, [-1])) };
}
