import * as tf from '@tensorflow/tfjs-core';
import { hasFusedNormalisation, normaliseFused } from './fused-normalisation.ts';
import { sumOfProducts } from './sum-of-products.ts';

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

/** What normalises values whose mean has been taken off, [..., channels]. */
export function deviations(centred: tf.Tensor) {
  const count = centred.size / (centred.shape.at(-1) as number);
  const variance = tf.div(sumOfProducts(centred, centred), count) as tf.Tensor1D;
  const unbiasedVariance = tf.mul(variance, count / Math.max(1, count - 1)) as tf.Tensor1D;
  return { variance, unbiasedVariance, inverse: tf.rsqrt(tf.add(variance, normalisationEpsilon)) as tf.Tensor1D };
}

/**
 * Gradients of weight * centred + offset, where centred is x less its mean, inverse the inverse deviation of x itself, and
 * weight = scale * inverse; that of x is weight times `unscaled`. Written as sums of channels times numbers: few passes over memory.
 */
export function normalisationGradients(dy: tf.Tensor, centred: tf.Tensor, inverse: tf.Tensor) {
  const axes = dy.shape.slice(0, -1).map((_, axis) => axis);
  const count = dy.size / inverse.size;
  const offset = tf.sum(dy, axes);
  const scale = tf.mul(sumOfProducts(dy, centred), inverse);
  const slope = tf.mul(inverse, tf.div(scale, -count));
  const unscaled = tf.add(dy, tf.add(tf.mul(centred, slope), tf.div(offset, -count)));
  return { unscaled, scale, offset };
}

/**
 * Batch normalisation in training mode, with the statistics of the batch itself. The gradient through y takes the
 * statistics' dependence on the input into account (Ioffe & Szegedy 2015, section 3); no gradient flows through the returned
 * statistics' own use.
 * The mean is taken off before the squares are added up: their difference would lose the digits of a small variance.
 * @param input [images, height, width, channels] or [images, channels]
 */
export function batchNormalisationTraining<T extends tf.Tensor>(
  input: T,
  { scale, offset }: Pick<BatchNormalisation, 'scale' | 'offset'>,
): TrainedNormalisation<T> {
  const axes = input.shape.slice(0, -1).map((_, axis) => axis);
  if (hasFusedNormalisation(input.rank)) {
    const fused = normaliseFused(input as tf.Tensor as tf.Tensor4D, scale, offset, normalisationEpsilon);
    const count = input.size / scale.size;
    const variance = tf.mul(fused.unbiasedVariance, (count - 1) / count) as tf.Tensor1D;
    return { ...fused, y: fused.y as tf.Tensor as T, variance };
  }
  const mean = tf.mean(input, axes) as tf.Tensor1D;
  const centred = tf.sub(input, mean);
  const { inverse, ...variances } = deviations(centred);
  const normalise = tf.customGrad((_input, factor, summand, save) => {
    const weight = tf.mul(factor as tf.Tensor, inverse);
    (save as tf.GradSaveFunc)([centred, inverse, weight]);
    return {
      value: tf.add(tf.mul(centred, weight), summand as tf.Tensor),
      gradFunc: (dy: tf.Tensor, [centred, inverse, weight]: tf.Tensor[]) => {
        const { unscaled, scale, offset } = normalisationGradients(dy, centred as tf.Tensor, inverse as tf.Tensor);
        return [tf.mul(unscaled, weight as tf.Tensor), scale, offset];
      },
    };
  });
  const y = normalise(input, scale, offset) as T;
  return { y, mean, ...variances };
}

/**
 * Folds a batch normalisation in evaluation mode into the convolution in front of it, exact up to rounding:
 * convolution(x, kernel) + bias, normalised, equals convolution(x, folded kernel) + folded bias.
 * @param kernel [kernel height, kernel width, channels, filters]
 * @param bias [filters]; none when absent
 */
export function foldBatchNormalisation(
  kernel: tf.Tensor4D,
  statistics: BatchNormalisation,
  bias?: tf.Tensor1D,
): { kernel: tf.Tensor4D; bias: tf.Tensor1D } {
  const { factor, summand } = affine(statistics);
  const moved = bias ? (tf.add(tf.mul(bias, factor), summand) as tf.Tensor1D) : summand;
  return { kernel: tf.mul(kernel, factor) as tf.Tensor4D, bias: moved };
}
