/** Weighted sums of shifted copies of an image. */
import type { Picture } from './picture.ts';

/** One shifted copy: it is read this many pixels further down and to the right. */
export interface Tap {
  down: number;
  across: number;
  weight: number;
}

/** Which pixel of a line stands for one beyond its edge. */
export type Edge = (index: number, length: number) => number;

/** The nearest one. */
export const nearest: Edge = (index, length) => (index < 0 ? 0 : index < length ? index : length - 1);

/** The image mirrored without its edge pixel. */
export const mirrored: Edge = (index, length) => {
  const period = 2 * (length - 1);
  const within = ((index % period) + period) % period;
  return within < length ? within : period - within;
};

/** The image mirrored with its edge pixel. */
export const reflected: Edge = (index, length) => {
  const period = 2 * length;
  const within = ((index % period) + period) % period;
  return within < length ? within : period - 1 - within;
};

/** data: height x width x channels, of any range. */
export function correlated({ data, height, width, channels }: Picture, taps: readonly Tap[], edge: Edge): Float64Array {
  const result = new Float64Array(data.length);
  const line = width * channels;
  for (const { down, across, weight } of taps) {
    const first = Math.min(width, Math.max(0, -across));
    const last = Math.max(first, Math.min(width, width - across));
    for (let row = 0; row < height; row++) {
      const to = row * line;
      const from = edge(row + down, height) * line;
      for (let index = first * channels; index < last * channels; index++)
        result[to + index] = (result[to + index] as number) + weight * (data[from + across * channels + index] as number);
      for (let column = 0; column < width; column++) {
        if (column === first) column = last;
        if (column >= width) break;
        const source = from + edge(column + across, width) * channels;
        const target = to + column * channels;
        for (let channel = 0; channel < channels; channel++)
          result[target + channel] = (result[target + channel] as number) + weight * (data[source + channel] as number);
      }
    }
  }
  return result;
}
