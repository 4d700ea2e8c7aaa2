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
  return tf.conv2d(images, kernel, stride, sidesOf(padding));
}

function sidesOf(padding: Padding): number | tf.backend_util.ExplicitPadding {
  if (typeof padding === 'number') return padding;
  const { top, bottom, left, right } = padding;
  return [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
}

/** Gradients of the images and the kernel of a convolution whose result has the gradient dy; see `convolution`. */
export function convolutionGradients(
  dy: tf.Tensor4D,
  images: tf.Tensor4D,
  kernel: tf.Tensor4D,
  { stride, padding }: { stride: number; padding: Padding },
): { images: tf.Tensor4D; kernel: tf.Tensor4D } {
  const run = (name: string, inputs: tf.NamedTensorMap, shape: Record<string, number[]>) => {
    const attributes = { strides: stride, pad: sidesOf(padding), dataFormat: 'NHWC', ...shape };
    return tf.engine().runKernel(name, inputs, attributes) as tf.Tensor4D;
  };
  return {
    images: run('Conv2DBackpropInput', { dy, filter: kernel }, { inputShape: images.shape }),
    kernel: run('Conv2DBackpropFilter', { x: images, dy }, { filterShape: kernel.shape }),
  };
}
