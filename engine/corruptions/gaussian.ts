/** Gaussian filters as SciPy has them: one axis after the other, in float64. */
import { correlated, type Edge, nearest } from './correlate.ts';
import type { Picture } from './picture.ts';

/** Weights from one end of the kernel to the other, of sum 1. */
function weightsOf(sigma: number, radius: number): number[] {
  const weights = Array.from({ length: 2 * radius + 1 }, (_, index) => Math.exp((-0.5 / (sigma * sigma)) * (index - radius) ** 2));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/** The picture blurred with a standard deviation of sigma pixels; the kernel ends `truncate` sigmas from its centre. */
export function gaussian(picture: Picture, sigma: number, edge: Edge = nearest, truncate = 4): Float64Array {
  const radius = Math.floor(truncate * sigma + 0.5);
  if (radius === 0) return picture.data;
  const weights = weightsOf(sigma, radius);
  const down = weights.map((weight, index) => ({ down: index - radius, across: 0, weight }));
  const across = weights.map((weight, index) => ({ down: 0, across: index - radius, weight }));
  return correlated({ ...picture, data: correlated(picture, down, edge) }, across, edge);
}
