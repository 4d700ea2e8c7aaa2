import * as tf from '@tensorflow/tfjs-core';

/** Added to the variance before the square root, as PyTorch's BatchNorm2d does by default. */
export const normalisationEpsilon = 1e-5;

/** Running statistics and the affine part of a batch normalisation, each [channels]. */
export interface BatchNormalisation {
  mean: tf.Tensor1D;
  variance: tf.Tensor1D;
  scale: tf.Tensor1D;
  offset: tf.Tensor1D;
}

/** Factor and summand, each [channels], that batch normalisation in evaluation mode multiplies with and adds. */
function affine({ mean, variance, scale, offset }: BatchNormalisation): { factor: tf.Tensor1D; summand: tf.Tensor1D } {
  const factor = tf.mul(scale, tf.rsqrt(tf.add(variance, normalisationEpsilon))) as tf.Tensor1D;
  return { factor, summand: tf.sub(offset, tf.mul(mean, factor)) as tf.Tensor1D };
}

/**
 * Batch normalisation in evaluation mode: (x - mean) / sqrt(variance + 1e-5) * scale + offset.
 * @param x [..., channels]
 */
export function batchNormalisation<T extends tf.Tensor>(x: T, statistics: BatchNormalisation): T {
  const { factor, summand } = affine(statistics);
  return tf.add(tf.mul(x, factor), summand) as T;
}

export interface TrainedNormalisation<T extends tf.Tensor> {
  y: T;
  /** [channels], over images and positions. */
  mean: tf.Tensor1D;
  /** [channels], divided by the count: what normalises. */
  variance: tf.Tensor1D;
  /** [channels], divided by the count less one: what PyTorch's running statistics take in. */
  unbiasedVariance: tf.Tensor1D;
}

/**
 * Batch normalisation in training mode, with the statistics of the batch itself. The gradient through y takes the
 * statistics' dependence on x into account (Ioffe & Szegedy 2015, section 3); no gradient flows through the returned
 * statistics' own use.
 * @param x [images, height, width, channels] or [images, channels]
 */
export function batchNormalisationTraining<T extends tf.Tensor>(
  x: T,
  { scale, offset }: Pick<BatchNormalisation, 'scale' | 'offset'>,
): TrainedNormalisation<T> {
  const axes = x.shape.slice(0, -1).map((_, axis) => axis);
  const count = x.size / (x.shape.at(-1) as number);
  const mean = tf.mean(x, axes) as tf.Tensor1D;
  const variance = tf.mean(tf.square(tf.sub(x, mean)), axes) as tf.Tensor1D;
  const deviation = tf.rsqrt(tf.add(variance, normalisationEpsilon));
  const normalise = tf.customGrad((input, factor, summand, save) => {
    const normalised = tf.mul(tf.sub(input as tf.Tensor, mean), deviation);
    (save as tf.GradSaveFunc)([normalised, deviation, factor as tf.Tensor]);
    const value = tf.add(tf.mul(normalised, factor as tf.Tensor), summand as tf.Tensor);
    return {
      value,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [centred, inverse, weight] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
        const offsetGradient = tf.sum(dy, axes);
        const scaleGradient = tf.sum(tf.mul(dy, centred), axes);
        const common = tf.add(tf.mul(centred, tf.div(scaleGradient, count)), tf.div(offsetGradient, count));
        return [tf.mul(tf.sub(dy, common), tf.mul(weight, inverse)), scaleGradient, offsetGradient];
      },
    };
  });
  const y = normalise(x, scale, offset) as T;
  return { y, mean, variance, unbiasedVariance: tf.mul(variance, count / Math.max(1, count - 1)) as tf.Tensor1D };
}

/**
 * Folds a batch normalisation in evaluation mode into the convolution in front of it, exact up to rounding:
 * convolution(x, kernel) normalised equals convolution(x, folded kernel) + bias.
 * @param kernel [kernel height, kernel width, channels, filters]
 */
export function foldBatchNormalisation(kernel: tf.Tensor4D, statistics: BatchNormalisation): { kernel: tf.Tensor4D; bias: tf.Tensor1D } {
  const { factor, summand } = affine(statistics);
  return { kernel: tf.mul(kernel, factor) as tf.Tensor4D, bias: summand };
}
