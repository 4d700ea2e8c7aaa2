import * as tf from '@tensorflow/tfjs-core';

/** Rows and columns of zeros added: the same number on each side, or each side's own. */
export type Padding = number | { top: number; bottom: number; left: number; right: number };

/**
 * Two-dimensional cross-correlation with zero padding, as torch.nn.Conv2d computes it.
 * @param images [images, height, width, channels]
 * @param kernel [kernel height, kernel width, channels, filters]
 * @param stride pixels between two positions of the kernel, in both directions
 * @returns [images, floor((height + top + bottom - kernel height) / stride) + 1, the same for width, filters]
 */
export function convolution(images: tf.Tensor4D, kernel: tf.Tensor4D, stride: number, padding: Padding): tf.Tensor4D {
  if (typeof padding === 'number') return tf.conv2d(images, kernel, stride, padding);
  const { top, bottom, left, right } = padding;
  const sides: tf.backend_util.ExplicitPadding = [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
  return tf.conv2d(images, kernel, stride, sides);
}
