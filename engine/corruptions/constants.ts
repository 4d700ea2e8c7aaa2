/**
 * The constants of the common-corruptions benchmark (Hendrycks and Dietterich, ICLR 2019), one entry a severity: those of
 * CIFAR-10-C for images of 32 pixels, those of Tiny-ImageNet-C for images of 64. Lengths are in pixels, pixels in [0, 1].
 */

type Severities<Value> = readonly [Value, Value, Value, Value, Value];

interface Table<Value> {
  small: Severities<Value>;
  /** Where it differs. */
  large?: Severities<Value>;
}

const tables = {
  /** Standard deviation. */
  gaussian_noise: { small: [0.04, 0.06, 0.08, 0.09, 0.1], large: [0.04, 0.08, 0.12, 0.15, 0.18] } as Table<number>,
  /** Photons of a white pixel. */
  shot_noise: { small: [500, 250, 100, 75, 50], large: [250, 100, 50, 30, 15] } as Table<number>,
  /** Share of the elements. */
  impulse_noise: { small: [0.01, 0.02, 0.03, 0.05, 0.07], large: [0.01, 0.02, 0.05, 0.08, 0.14] } as Table<number>,
  /** Standard deviation, as a share of the value. */
  speckle_noise: { small: [0.06, 0.1, 0.12, 0.16, 0.2], large: [0.15, 0.2, 0.25, 0.3, 0.35] } as Table<number>,
  /** Sigma. */
  gaussian_blur: { small: [0.4, 0.6, 0.7, 0.8, 1], large: [0.5, 0.75, 1, 1.25, 1.5] } as Table<number>,
  /** Sigma, largest shift, rounds. */
  glass_blur: {
    small: [
      [0.05, 1, 1],
      [0.25, 1, 1],
      [0.4, 1, 1],
      [0.25, 1, 2],
      [0.4, 1, 2],
    ],
    large: [
      [0.1, 1, 1],
      [0.5, 1, 1],
      [0.6, 1, 2],
      [0.7, 2, 1],
      [0.9, 2, 2],
    ],
  } as Table<readonly [sigma: number, reach: number, rounds: number]>,
  /** Radius of the disk, sigma of its edge. */
  defocus_blur: {
    small: [
      [0.3, 0.4],
      [0.4, 0.5],
      [0.5, 0.6],
      [1, 0.2],
      [1.5, 0.1],
    ],
    large: [
      [0.5, 0.6],
      [1, 0.1],
      [1.5, 0.1],
      [2.5, 0.01],
      [3, 0.1],
    ],
  } as Table<readonly [radius: number, sigma: number]>,
  /** Radius of the streak, its sigma. */
  motion_blur: {
    small: [
      [6, 1],
      [6, 1.5],
      [6, 2],
      [8, 2],
      [9, 2.5],
    ],
    large: [
      [10, 1],
      [10, 1.5],
      [10, 2],
      [10, 2.5],
      [12, 3],
    ],
  } as Table<readonly [radius: number, sigma: number]>,
  /** The zoom factors begin at 1 and stay below this. */
  zoom_blur: { small: [1.06, 1.11, 1.16, 1.21, 1.26] } as Table<number>,
  /** Weight, decay of the fractal. */
  fog: {
    small: [
      [0.2, 3],
      [0.5, 3],
      [0.75, 2.5],
      [1, 2],
      [1.5, 1.75],
    ],
    large: [
      [0.4, 3],
      [0.7, 3],
      [1, 2.5],
      [1.5, 2],
      [2, 1.75],
    ],
  } as Table<readonly [weight: number, decay: number]>,
  /** Weight of the image, of the photograph. */
  frost: {
    small: [
      [1, 0.2],
      [1, 0.3],
      [0.9, 0.4],
      [0.85, 0.4],
      [0.75, 0.45],
    ],
    large: [
      [1, 0.3],
      [0.9, 0.4],
      [0.8, 0.45],
      [0.75, 0.5],
      [0.7, 0.55],
    ],
  } as Table<readonly [image: number, frost: number]>,
  /** Mean, deviation, zoom and threshold of the flakes; radius and sigma of their streaks; share of the image. */
  snow: {
    small: [
      [0.1, 0.2, 1, 0.6, 8, 3, 0.95],
      [0.1, 0.2, 1, 0.5, 10, 4, 0.9],
      [0.15, 0.3, 1.75, 0.55, 10, 4, 0.9],
      [0.25, 0.3, 2.25, 0.6, 12, 6, 0.85],
      [0.3, 0.3, 1.25, 0.65, 14, 12, 0.8],
    ],
    large: [
      [0.1, 0.2, 1, 0.6, 8, 3, 0.8],
      [0.1, 0.2, 1, 0.5, 10, 4, 0.8],
      [0.15, 0.3, 1.75, 0.55, 10, 4, 0.7],
      [0.25, 0.3, 2.25, 0.6, 12, 6, 0.65],
      [0.3, 0.3, 1.25, 0.65, 14, 12, 0.6],
    ],
  } as Table<readonly [mean: number, deviation: number, zoom: number, threshold: number, radius: number, sigma: number, image: number]>,
  /** Mean, deviation, sigma and threshold of the liquid; weight of water or sigma of mud; 0 water, 1 mud. */
  spatter: {
    small: [
      [0.62, 0.1, 0.7, 0.7, 0.5, 0],
      [0.65, 0.1, 0.8, 0.7, 0.5, 0],
      [0.65, 0.3, 1, 0.69, 0.5, 0],
      [0.65, 0.1, 0.7, 0.69, 0.6, 1],
      [0.65, 0.1, 0.5, 0.68, 0.6, 1],
    ],
    large: [
      [0.62, 0.1, 0.7, 0.7, 0.6, 0],
      [0.65, 0.1, 0.8, 0.7, 0.6, 0],
      [0.65, 0.3, 1, 0.69, 0.6, 0],
      [0.65, 0.1, 0.7, 0.68, 0.6, 1],
      [0.65, 0.1, 0.5, 0.67, 0.6, 1],
    ],
  } as Table<readonly [mean: number, deviation: number, sigma: number, threshold: number, strength: number, mud: number]>,
  /** Share of the distance from the mean that is left. */
  contrast: { small: [0.75, 0.5, 0.4, 0.3, 0.15], large: [0.4, 0.3, 0.2, 0.1, 0.05] } as Table<number>,
  /** Added to the value of HSV. */
  brightness: { small: [0.05, 0.1, 0.15, 0.2, 0.3], large: [0.1, 0.2, 0.3, 0.4, 0.5] } as Table<number>,
  /** Factor and summand of the saturation of HSV. */
  saturate: {
    small: [
      [0.3, 0],
      [0.1, 0],
      [1.5, 0],
      [2, 0.1],
      [2.5, 0.2],
    ],
    large: [
      [0.3, 0],
      [0.1, 0],
      [2, 0],
      [5, 0.1],
      [30, 0.2],
    ],
  } as Table<readonly [factor: number, summand: number]>,
  /** Quality, from 1 to 100. */
  jpeg_compression: { small: [80, 65, 58, 50, 40], large: [65, 58, 50, 40, 25] } as Table<number>,
  /** Side of the small image, as a share. */
  pixelate: { small: [0.95, 0.9, 0.85, 0.75, 0.65], large: [0.9, 0.8, 0.7, 0.6, 0.5] } as Table<number>,
  /** Length and sigma of the displacement, reach of the corners: shares of the image's side. */
  elastic_transform: {
    small: [
      [0, 0, 0.08],
      [0.05, 0.2, 0.07],
      [0.08, 0.06, 0.06],
      [0.1, 0.04, 0.05],
      [0.1, 0.03, 0.03],
    ],
    large: [
      [0, 0, 0.08],
      [0.05, 0.3, 0.06],
      [0.1, 0.08, 0.06],
      [0.1, 0.03, 0.03],
      [0.16, 0.03, 0.02],
    ],
  } as Table<readonly [length: number, sigma: number, reach: number]>,
} as const;

export type CorruptionName = keyof typeof tables;
export const corruptionNames = Object.keys(tables) as readonly CorruptionName[];
export type Constants = { [Name in CorruptionName]: (typeof tables)[Name]['small'] };

/** Images whose shorter side has at most this many pixels take the constants of 32, others those of 64. */
export const largestSmallSide = 48;

/** The constants for images whose shorter side has this many pixels; severity: from 1 to 5. */
export function constantsOf<Name extends CorruptionName>(name: Name, side: number, severity: number): Constants[Name][number] {
  const { small, large } = tables[name] as Table<unknown>;
  return (side <= largestSmallSide ? small : (large ?? small))[severity - 1] as Constants[Name][number];
}
