/** The blur of a lens: a disk with a soft edge, edges mirrored without the edge pixel. */
import { correlated, mirrored, type Tap } from './correlate.ts';
import type { Picture } from './picture.ts';

/** A disk of ones of this radius, of sum 1, blurred over 3 x 3 pixels; in float32, as OpenCV has it. Zeros are left out. */
function tapsOf(radius: number, sigma: number): Tap[] {
  const reach = Math.floor(radius) + 1;
  const inside = (down: number, across: number) => down ** 2 + across ** 2 <= radius ** 2;
  const offsets = Array.from({ length: 2 * reach + 1 }, (_, index) => index - reach);
  const count = offsets.flatMap((down) => offsets.filter((across) => inside(down, across))).length;
  const height = Math.fround(1 / count);
  const side = Math.exp(-1 / (2 * sigma ** 2));
  const soft = [side, 1, side].map((weight) => Math.fround(weight / (1 + 2 * side)));
  const blurred = (down: number, across: number) =>
    [-1, 0, 1].reduce((sum, tap) => {
      const row = [-1, 0, 1].reduce(
        (rowSum, other) =>
          Math.fround(rowSum + (inside(down + tap, across + other) ? Math.fround((soft[other + 1] as number) * height) : 0)),
        0,
      );
      return Math.fround(sum + Math.fround((soft[tap + 1] as number) * row));
    }, 0);
  return offsets
    .flatMap((down) => offsets.map((across) => ({ down, across, weight: blurred(down, across) })))
    .filter(({ weight }) => weight !== 0);
}

export function throughDisk(picture: Picture, radius: number, sigma: number): Float64Array {
  return correlated(picture, tapsOf(radius, sigma), mirrored);
}
