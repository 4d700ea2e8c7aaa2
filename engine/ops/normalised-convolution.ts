/** A convolution and the batch normalisation behind it as one operation of few passes over memory. */
import * as tf from '@tensorflow/tfjs-core';
import { convolution, convolutionGradients, type Padding } from './convolution.ts';
import { hasFusedNormalisation } from './fused-normalisation.ts';
import {
  type BatchNormalisation,
  batchNormalisationTraining,
  deviations,
  normalisationGradients,
  type TrainedNormalisation,
} from './normalisation.ts';

type Four = tf.Tensor4D;

/**
 * Batch normalisation in training mode of a convolution; see there for both. A convolution is linear: the mean of its results is that
 * of its result for the mean image, so that it is known beforehand and taken off within it. And what the normalisation multiplies
 * gradients by goes into the kernel that they pass next.
 */
export function normalisedConvolution(
  images: Four,
  kernel: Four,
  { stride, padding }: { stride: number; padding: Padding },
  { scale, offset }: Pick<BatchNormalisation, 'scale' | 'offset'>,
): TrainedNormalisation<Four> {
  const convolve = (maps: Four) => convolution(maps, kernel, stride, padding);
  if (hasFusedNormalisation(images.rank)) return batchNormalisationTraining(convolve(images), { scale, offset });
  const mean = tf.reshape(tf.mean(convolve(tf.mean(images, 0, true)), [1, 2]), [-1]) as tf.Tensor1D;
  const centred = tf.sub(convolve(images), mean) as Four;
  const { inverse, ...variances } = deviations(centred);
  const weight = tf.mul(scale, inverse) as tf.Tensor1D;
  const normalise = tf.customGrad((_images, _kernel, _scale, summand, save) => {
    (save as tf.GradSaveFunc)([images, kernel, centred, inverse, weight]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [source, filters, values, slope, factor] = saved as [Four, Four, Four, tf.Tensor1D, tf.Tensor1D];
      const { unscaled, ...affine } = normalisationGradients(dy, values, slope);
      const through = convolutionGradients(unscaled as Four, source, tf.mul(filters, factor) as Four, { stride, padding });
      return [through.images, tf.mul(through.kernel, factor), affine.scale, affine.offset];
    };
    return { value: tf.add(tf.mul(centred, weight), summand as tf.Tensor), gradFunc };
  });
  return { y: normalise(images, kernel, scale, offset) as Four, mean, ...variances };
}
