import * as tf from '@tensorflow/tfjs-core';

/** max(x, 0); the gradient at 0 is 0, as in PyTorch. Any shape. */
export const relu = <T extends tf.Tensor>(x: T): T => tf.relu(x);
