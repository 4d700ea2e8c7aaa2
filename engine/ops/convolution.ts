import * as tf from '@tensorflow/tfjs-core';

/**
 * Two-dimensional cross-correlation with zero padding on every side, as torch.nn.Conv2d computes it.
 * @param images [images, height, width, channels]
 * @param kernel [kernel height, kernel width, channels, filters]
 * @param stride pixels between two positions of the kernel, in both directions
 * @param padding rows and columns of zeros added on each side
 * @returns [images, floor((height + 2 padding - kernel height) / stride) + 1, the same for width, filters]
 */
export function convolution(images: tf.Tensor4D, kernel: tf.Tensor4D, stride: number, padding: number): tf.Tensor4D {
  return tf.conv2d(images, kernel, stride, padding);
}
