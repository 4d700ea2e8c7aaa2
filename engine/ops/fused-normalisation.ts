/** Batch normalisation in training mode as one kernel each way, for backends that have them. */
import * as tf from '@tensorflow/tfjs-core';

/** Kernel names, besides tfjs' own. inputs: x, scale, offset; outputs: y, mean, unbiased variance, and three for the gradient. */
export const fusedNormalisation = 'FusedBatchNormTraining';
/** inputs: dy, x, scale, and the three; outputs: gradients of x, scale and offset. */
export const fusedNormalisationGradient = 'FusedBatchNormTrainingGrad';

tf.registerGradient({
  kernelName: fusedNormalisation,
  inputsToSave: ['x', 'scale'],
  outputsToSave: [false, false, false, true, true, true],
  gradFunc: (dy, [x, scale, first, second, third], attributes) => {
    const inputs = { dy: (dy as tf.Tensor[])[0], x, scale, first, second, third } as tf.NamedTensorMap;
    const gradients = () => tf.engine().runKernel(fusedNormalisationGradient, inputs, attributes) as tf.Tensor[];
    const gradient = (index: number) => () => gradients()[index] as tf.Tensor;
    return { x: gradient(0), scale: gradient(1), offset: gradient(2) };
  },
});

/** Whether the backend that is current has the kernels for tensors of this rank. */
export const hasFusedNormalisation = (rank: number) => rank === 4 && tf.getKernel(fusedNormalisation, tf.getBackend()) !== undefined;

/**
 * x normalised with its own statistics, which carry no gradient of their own.
 * @param x [images, height, width, channels]
 * @param scale [channels]
 * @param offset [channels]
 * @param epsilon added to the variance before the square root
 */
export function normaliseFused(x: tf.Tensor4D, scale: tf.Tensor1D, offset: tf.Tensor1D, epsilon: number) {
  const outputs = tf.engine().runKernel(fusedNormalisation, { x, scale, offset }, { epsilon }) as tf.Tensor[];
  const [y, mean, unbiasedVariance] = outputs as [tf.Tensor4D, tf.Tensor1D, tf.Tensor1D];
  return { y, mean, unbiasedVariance };
}
