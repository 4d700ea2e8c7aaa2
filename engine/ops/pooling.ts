import * as tf from '@tensorflow/tfjs-core';

/** Mean over all positions: [images, height, width, channels] to [images, channels]. */
export function globalAveragePooling(x: tf.Tensor4D): tf.Tensor2D {
  return tf.mean(x, [1, 2]) as tf.Tensor2D;
}

/** Windows of size x size pixels, `stride` apart, after a frame of `padding` pixels on every side. */
export interface Windows {
  size: number;
  stride: number;
  padding: number;
}

/** Windows in a row of pixels; what is left over at the end is dropped. */
export const windowsOf = (side: number, { size, stride, padding }: Windows) => Math.floor((side + 2 * padding - size) / stride) + 1;

/** Maximum of every window, as torch.nn.MaxPool2d computes it; of equal entries the first has the gradient. */
export function maxPooling(x: tf.Tensor4D, windows: Windows = { size: 2, stride: 2, padding: 0 }): tf.Tensor4D {
  const { size, stride, padding } = windows;
  if (stride === size && padding === 0) return tf.maxPool(x, size, stride, 'valid');
  return entriesOf(x, windows, -3e38).reduce((greatest, entry) => tf.maximum(greatest, entry));
}

/** Mean of every window, the zeros of its frame included, as torch.nn.AvgPool2d computes it. */
export function averagePooling(x: tf.Tensor4D, windows: Windows): tf.Tensor4D {
  const { size, stride, padding } = windows;
  const [images, height, width, channels] = x.shape;
  if (stride !== size || padding > 0)
    return tf.mul(
      entriesOf(x, windows, 0).reduce((sum, entry) => tf.add(sum, entry)),
      1 / size ** 2,
    );
  const [rows, columns] = [windowsOf(height, windows), windowsOf(width, windows)];
  const covered = tf.slice(x, [0, 0, 0, 0], [images, rows * size, columns * size, channels]);
  return tf.mean(tf.reshape(covered, [images, rows, size, columns, size, channels]), [2, 4]) as tf.Tensor4D;
}

/** The entries of all windows, one tensor for each place in a window: [images, rows, columns, channels]. */
function entriesOf(x: tf.Tensor4D, windows: Windows, frame: number): tf.Tensor4D[] {
  const { size, stride, padding } = windows;
  const [images, height, width, channels] = x.shape;
  const [rows, columns] = [windowsOf(height, windows), windowsOf(width, windows)];
  const sides = ([side, count]: [number, number]): [number, number] => [padding, Math.max(padding, size + count * stride - side - padding)];
  const framed = tf.pad(x, [[0, 0], sides([height, rows]), sides([width, columns]), [0, 0]], frame);
  const places = Array.from({ length: size ** 2 }, (_, index) => [Math.floor(index / size), index % size] as const);
  return places.map(([row, column]) => {
    const from = tf.slice(framed, [0, row, column, 0], [images, rows * stride, columns * stride, channels]);
    const split = tf.reshape(from, [images, rows, stride, columns, stride, channels]);
    return tf.reshape(tf.slice(split, [0, 0, 0, 0, 0, 0], [images, rows, 1, columns, 1, channels]), [images, rows, columns, channels]);
  });
}
