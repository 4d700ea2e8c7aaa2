import * as tf from '@tensorflow/tfjs-core';

/** Mean over all positions: [images, height, width, channels] to [images, channels]. */
export function globalAveragePooling(x: tf.Tensor4D): tf.Tensor2D {
  return tf.mean(x, [1, 2]) as tf.Tensor2D;
}

/** Maximum of every 2 x 2 block; an odd last row or column is dropped, as torch.nn.MaxPool2d(2) does. */
export function maxPooling(x: tf.Tensor4D): tf.Tensor4D {
  return tf.maxPool(x, 2, 2, 'valid');
}
