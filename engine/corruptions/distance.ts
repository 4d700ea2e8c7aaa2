/** Distances to the nearest marked pixel by steps of 5 x 5 (Borgefors, 1986), in pixels. */

/** Steps to pixels that are read before, row by row, with their lengths. */
const steps = [
  { down: 0, across: -1, length: 1 },
  { down: -1, across: 0, length: 1 },
  { down: -1, across: -1, length: 1.4 },
  { down: -1, across: 1, length: 1.4 },
  { down: -1, across: -2, length: 2.1969 },
  { down: -1, across: 2, length: 2.1969 },
  { down: -2, across: -1, length: 2.1969 },
  { down: -2, across: 1, length: 2.1969 },
];

/** Infinite where nothing is marked. */
export function distanceFrom(marked: Uint8Array, { height, width }: { height: number; width: number }): Float64Array {
  const distances = new Float64Array(marked.length);
  for (let pixel = 0; pixel < marked.length; pixel++) distances[pixel] = marked[pixel] ? 0 : Number.POSITIVE_INFINITY;
  const relax = (row: number, column: number, sign: 1 | -1) => {
    let least = distances[row * width + column] as number;
    for (let index = 0; index < steps.length; index++) {
      const { down, across, length } = steps[index] as (typeof steps)[number];
      const y = row + sign * down;
      const x = column + sign * across;
      if (y >= 0 && x >= 0 && y < height && x < width) least = Math.min(least, (distances[y * width + x] as number) + length);
    }
    distances[row * width + column] = least;
  };
  for (let row = 0; row < height; row++) for (let column = 0; column < width; column++) relax(row, column, 1);
  for (let row = height - 1; row >= 0; row--) for (let column = width - 1; column >= 0; column--) relax(row, column, -1);
  return distances;
}
