/** Motion: a one-sided Gaussian streak at an angle, as ImageMagick draws it. */
import { correlated, nearest, type Tap } from './correlate.ts';
import type { Size } from './picture.ts';

interface Streak {
  radius: number;
  sigma: number;
  degrees: number;
}

/** The streak's pixels from its head on, of sum 1. */
function tapsOf({ radius, sigma, degrees }: Streak): Tap[] {
  const angle = (degrees * Math.PI) / 180;
  const weights = Array.from({ length: 2 * Math.ceil(radius) + 1 }, (_, index) => Math.exp(-(index ** 2) / (2 * sigma ** 2)));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight, index) => ({
    down: Math.ceil(index * Math.sin(angle) - 0.5),
    across: Math.ceil(index * Math.cos(angle) - 0.5),
    weight: weight / sum,
  }));
}

/** The image with streaks, rounded to bytes. */
export function streaked(bytes: Uint8Array, size: Size, streak: Streak): Uint8Array {
  const sums = correlated({ ...size, data: new Float64Array(bytes) }, tapsOf(streak), nearest);
  const result = new Uint8Array(bytes.length);
  for (let index = 0; index < sums.length; index++) result[index] = (sums[index] as number) + 0.5;
  return result;
}
