import * as tf from '@tensorflow/tfjs-core';
import { hasFusedNormalisation, normaliseFused } from './fused-normalisation.ts';

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
 * Gradients of scale * inverse * (x - mean of x) + offset with respect to x, scale and offset, where inverse is the inverse deviation
 * of x itself and weight = scale * inverse. Written as sums of channels times numbers: few passes over memory.
 * @param centred x less its mean
 */
function normalisationGradients(dy: tf.Tensor, [centred, inverse, weight]: [tf.Tensor, tf.Tensor, tf.Tensor], axes: number[]): tf.Tensor[] {
  const count = dy.size / inverse.size;
  const offsetGradient = tf.sum(dy, axes);
  const scaleGradient = tf.mul(tf.sum(tf.mul(dy, centred), axes), inverse);
  const slope = tf.mul(tf.mul(weight, inverse), tf.div(scaleGradient, -count));
  const shift = tf.mul(weight, tf.div(offsetGradient, -count));
  return [tf.add(tf.mul(dy, weight), tf.add(tf.mul(centred, slope), shift)), scaleGradient, offsetGradient];
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
  const count = input.size / (input.shape.at(-1) as number);
  if (hasFusedNormalisation(input.rank)) {
    const fused = normaliseFused(input as tf.Tensor as tf.Tensor4D, scale, offset, normalisationEpsilon);
    const variance = tf.mul(fused.unbiasedVariance, (count - 1) / count) as tf.Tensor1D;
    return { ...fused, y: fused.y as tf.Tensor as T, variance };
  }
  const mean = tf.mean(input, axes) as tf.Tensor1D;
  const centred = tf.sub(input, mean);
  const variance = tf.mean(tf.square(centred), axes) as tf.Tensor1D;
  const inverse = tf.rsqrt(tf.add(variance, normalisationEpsilon));
  const normalise = tf.customGrad((_input, factor, summand, save) => {
    const weight = tf.mul(factor as tf.Tensor, inverse);
    (save as tf.GradSaveFunc)([centred, inverse, weight]);
    return {
      value: tf.add(tf.mul(centred, weight), summand as tf.Tensor),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => normalisationGradients(dy, saved as [tf.Tensor, tf.Tensor, tf.Tensor], axes),
    };
  });
  const y = normalise(input, scale, offset) as T;
  return { y, mean, variance, unbiasedVariance: tf.mul(variance, count / Math.max(1, count - 1)) as tf.Tensor1D };
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
