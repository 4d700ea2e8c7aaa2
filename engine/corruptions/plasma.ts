/** Plasma: a fractal of heights by the diamond-square algorithm, on a torus. */
import type { RandomStream } from '../random.ts';

const firstWibble = 100;

/**
 * Heights of a square whose side is a power of two, from 0 to 1. Each finer grid is shaken `decay` times less than the one
 * before.
 */
export function plasma(side: number, decay: number, stream: RandomStream): Float64Array {
  const map = new Float64Array(side * side);
  const wrap = side - 1;
  let wibble = firstWibble;
  const shaken = (sum: number) => sum / 4 + wibble * wibble * (2 * stream.uniform() - 1);
  /** Sets every step-th point from (top, left) on to the shaken mean of the four around it: diagonal ones, or those beside it. */
  const fill = (top: number, left: number, step: number, diagonal: boolean) => {
    const half = step / 2;
    for (let row = top; row < side; row += step) {
      const above = ((row - half) & wrap) * side;
      const below = ((row + half) & wrap) * side;
      for (let column = left; column < side; column += step) {
        const before = (column - half) & wrap;
        const after = (column + half) & wrap;
        const sum = diagonal
          ? (map[above + before] as number) +
            (map[below + before] as number) +
            (map[above + after] as number) +
            (map[below + after] as number)
          : (map[above + column] as number) +
            (map[below + column] as number) +
            (map[row * side + before] as number) +
            (map[row * side + after] as number);
        map[row * side + column] = shaken(sum);
      }
    }
  };
  for (let step = side; step >= 2; step /= 2) {
    fill(step / 2, step / 2, step, true);
    fill(0, step / 2, step, false);
    fill(step / 2, 0, step, false);
    wibble /= decay;
  }
  return stretched(map);
}

/** From 0 to 1; in place. */
function stretched(map: Float64Array): Float64Array {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < map.length; index++) {
    least = Math.min(least, map[index] as number);
    most = Math.max(most, map[index] as number);
  }
  for (let index = 0; index < map.length; index++) map[index] = ((map[index] as number) - least) / (most - least);
  return map;
}
