/** The common corruptions of images (Hendrycks and Dietterich, ICLR 2019), computed here. */
import type { ImageShape } from '../data/dataset.ts';
import { RandomStream } from '../random.ts';
import { defocusBlur, gaussianBlur, glassBlur, motionBlur, zoomBlur } from './blur.ts';
import { type CorruptionName, constantsOf } from './constants.ts';
import { contrast, elasticTransform, jpegCompression, pixelate, saturate } from './digital.ts';
import { gaussianNoise, impulseNoise, shotNoise, speckleNoise } from './noise.ts';
import type { Clean, Corruption } from './picture.ts';
import type { CorruptionCell } from './suites.ts';
import { brightness, fog, frost, snow, spatter } from './weather.ts';

/** By the benchmark's names. */
export const corruptions: { readonly [Name in CorruptionName]: Corruption<Name> } = {
  gaussian_noise: gaussianNoise,
  shot_noise: shotNoise,
  impulse_noise: impulseNoise,
  defocus_blur: defocusBlur,
  glass_blur: glassBlur,
  motion_blur: motionBlur,
  zoom_blur: zoomBlur,
  snow,
  frost,
  fog,
  brightness,
  contrast,
  elastic_transform: elasticTransform,
  pixelate,
  jpeg_compression: jpegCompression,
  speckle_noise: speckleNoise,
  gaussian_blur: gaussianBlur,
  spatter,
  saturate,
};

/**
 * The corrupted image (height x width x channels bytes). The same for the same seed, image and cell, whatever else is computed.
 * image: its number, which names its random stream.
 */
export function corruptImage(
  bytes: Uint8Array,
  shape: ImageShape,
  { corruption, severity }: CorruptionCell,
  { seed, image }: { seed: number; image: number },
): Uint8Array {
  const [height, width, channels] = shape;
  const constants = constantsOf(corruption, Math.min(height, width), severity);
  const stream = new RandomStream(seed, `corruption ${corruption}`, severity, image);
  const { apply } = corruptions[corruption] as Corruption;
  return apply({ bytes, height, width, channels, constants, stream } as Clean);
}
