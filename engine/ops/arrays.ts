/** Arithmetic of arrays outside any device: in float64, kept as float32. The arguments stay as they are. */
import type { HostArray } from '../backends/backend.ts';

/** Number of entries. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);

/** Rows begin to end - 1. */
export function rowsOf({ shape, dtype, data }: HostArray, begin: number, end: number): HostArray {
  const size = sizeOf(shape.slice(1));
  return { shape: [end - begin, ...shape.slice(1)], dtype, data: data.slice(begin * size, end * size) };
}

/** Euclidean norm of all entries. */
export function norm({ data }: { data: Iterable<number> }): number {
  let sum = 0;
  for (const value of data) sum += value * value;
  return Math.sqrt(sum);
}

/** array + factor other, entry by entry. */
export function plus(array: HostArray, factor: number, other: HostArray): HostArray {
  return { ...array, data: array.data.map((value, index) => value + factor * (other.data[index] as number)) };
}
