/** Layers that look their tensors up by module name. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensors } from '../backends/backend.ts';
import { convolution, type Padding } from '../ops/convolution.ts';
import { linear } from '../ops/linear.ts';
import { batchNormalisation, batchNormalisationTraining, foldBatchNormalisation, type TrainedNormalisation } from '../ops/normalisation.ts';
import { normalisedConvolution } from '../ops/normalised-convolution.ts';
import type { Normalisation } from './input.ts';
import type { Mode } from './network.ts';

/** Share of the running statistics that stays when a batch's join them, as with PyTorch's default momentum. */
export const statisticsKept = 0.9;

export interface Geometry {
  stride: number;
  padding: Padding;
  /** Whether the module has a bias; false when absent. */
  biased?: boolean;
}

function statisticsOf(weights: Tensors, module: string) {
  return {
    scale: weights[`${module}.weight`] as tf.Tensor1D,
    offset: weights[`${module}.bias`] as tf.Tensor1D,
    mean: weights[`${module}.running_mean`] as tf.Tensor1D,
    variance: weights[`${module}.running_var`] as tf.Tensor1D,
  };
}

function moved(running: tf.Tensor, batch: tf.Tensor): tf.Tensor {
  return tf.add(tf.mul(running, statisticsKept), tf.mul(batch, 1 - statisticsKept));
}

/** Batch normalisation of [count, ..., channels]; in training the moved running statistics go to the mode. */
export function normalise<T extends tf.Tensor>(weights: Tensors, module: string, x: T, mode: Mode): T {
  const statistics = statisticsOf(weights, module);
  if (mode === 'evaluation') return batchNormalisation(x, statistics);
  return moveStatistics(weights, module, batchNormalisationTraining(x, statistics), mode);
}

/** What was normalised, once the running statistics have gone to the mode. */
function moveStatistics<T extends tf.Tensor>(
  weights: Tensors,
  module: string,
  { y, mean, unbiasedVariance }: TrainedNormalisation<T>,
  { statistics }: Exclude<Mode, 'evaluation'>,
): T {
  const running = statisticsOf(weights, module);
  statistics[`${module}.running_mean`] = moved(running.mean, mean);
  statistics[`${module}.running_var`] = moved(running.variance, unbiasedVariance);
  return y;
}

/** Convolution, with the module's bias where it has one. */
export function convolve(weights: Tensors, module: string, x: tf.Tensor4D, { stride, padding, biased }: Geometry): tf.Tensor4D {
  const convolved = convolution(x, weights[`${module}.weight`] as tf.Tensor4D, stride, padding);
  return biased ? tf.add(convolved, weights[`${module}.bias`] as tf.Tensor1D) : convolved;
}

/** Convolution, then batch normalisation; in evaluation mode both are one convolution. */
export function convolveNormalised(
  weights: Tensors,
  module: string,
  normalisation: string,
  x: tf.Tensor4D,
  geometry: Geometry,
  mode: Mode,
): tf.Tensor4D {
  const { stride, padding, biased } = geometry;
  if (mode !== 'evaluation') {
    if (biased) return normalise(weights, normalisation, convolve(weights, module, x, geometry), mode);
    const trained = normalisedConvolution(x, weights[`${module}.weight`] as tf.Tensor4D, geometry, statisticsOf(weights, normalisation));
    return moveStatistics(weights, normalisation, trained, mode);
  }
  const bias = biased ? (weights[`${module}.bias`] as tf.Tensor1D) : undefined;
  const folded = foldBatchNormalisation(weights[`${module}.weight`] as tf.Tensor4D, statisticsOf(weights, normalisation), bias);
  return tf.add(convolution(x, folded.kernel, stride, padding), folded.bias);
}

/** Linear module of [count, inputs]. */
export function transform(weights: Tensors, module: string, x: tf.Tensor2D): tf.Tensor2D {
  return linear(x, weights[`${module}.weight`] as tf.Tensor2D, weights[`${module}.bias`] as tf.Tensor1D);
}

/** Linear module without bias. */
export function transformUnbiased(weights: Tensors, module: string, x: tf.Tensor2D): tf.Tensor2D {
  return tf.matMul(x, weights[`${module}.weight`] as tf.Tensor2D);
}

/** Rows of activations; maps are flattened channel by channel, as PyTorch does. */
export function rowsOfMaps(hidden: tf.Tensor): tf.Tensor2D {
  if (hidden.rank === 2) return hidden as tf.Tensor2D;
  return tf.reshape(tf.transpose(hidden, [0, 3, 1, 2]), [hidden.shape[0] as number, -1]);
}

const isIdentity = ({ mean, deviation }: Normalisation) => mean.every((value) => value === 0) && deviation.every((value) => value === 1);

/** (pixels - mean) / deviation of each channel. */
export function normalisePixels(images: tf.Tensor4D, normalisation: Normalisation | undefined): tf.Tensor4D {
  if (!normalisation || isIdentity(normalisation)) return images;
  const centred = tf.sub(images, tf.tensor1d([...normalisation.mean]));
  return tf.div(centred, tf.tensor1d([...normalisation.deviation]));
}
