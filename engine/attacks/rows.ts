/** Batches of images under attack: one row an image. */
import type { HostArray } from '../backends/backend.ts';
import type { Batch } from '../data/batches.ts';
import type { ImageShape } from '../data/dataset.ts';
import { sizeOf } from '../ops/arrays.ts';
import type { Target } from './attack.ts';

/** The memory that values share, if they lie one below the other in it: as they came out of the last call, mostly. */
function sharedBy(values: readonly Float32Array[], size: number): Float32Array | undefined {
  const { buffer, byteOffset } = values[0] as Float32Array;
  const isNext = (value: Float32Array, row: number) =>
    value.buffer === buffer && value.byteOffset === byteOffset + row * size * Float32Array.BYTES_PER_ELEMENT;
  return values.every(isNext) ? new Float32Array(buffer, byteOffset, values.length * size) : undefined;
}

/** A value of this shape of every item, one below the other; the memory is that of the values where they lie so already. */
export function stacked<Item>(items: readonly Item[], of: (item: Item) => Float32Array, shape: readonly number[]): HostArray {
  const size = sizeOf(shape);
  const values = items.map(of);
  const data = sharedBy(values, size) ?? new Float32Array(items.length * size);
  if (data.buffer !== values[0]?.buffer) for (const [row, value] of values.entries()) data.set(value, row * size);
  return { shape: [items.length, ...shape], dtype: 'float32', data };
}

/** The centres of the balls of images under attack. Each is then a row of what was stacked, so that the next time nothing is copied. */
export function stackedCentres(attempts: readonly { centre: Float32Array }[], shape: readonly number[]): HostArray {
  const centres = stacked(attempts, ({ centre }) => centre, shape);
  for (const [row, attempt] of attempts.entries()) attempt.centre = rowOf(centres, row);
  return centres;
}

/** The clean images and their labels. */
export function batchOfTargets(targets: readonly Target[], shape: ImageShape): Batch {
  return { count: targets.length, images: stacked(targets, ({ image }) => image, shape), labels: integers(targets, ({ label }) => label) };
}

/** One row of an array; the memory is shared. */
export function rowOf({ shape, data }: HostArray, row: number): Float32Array {
  const size = data.length / (shape[0] as number);
  return data.subarray(row * size, (row + 1) * size) as Float32Array;
}

/** One integer of every item, int32 [items]. */
export function integers<Item>(items: readonly Item[], of: (item: Item) => number): HostArray {
  return { shape: [items.length], dtype: 'int32', data: Int32Array.from(items, of) };
}

/** One number of every item, float32 [items]. */
export function numbers<Item>(items: readonly Item[], of: (item: Item) => number): HostArray {
  return { shape: [items.length], dtype: 'float32', data: Float32Array.from(items, of) };
}

/** The same number for every row, float32 [rows]. */
export function repeated(value: number, rows: number): HostArray {
  return { shape: [rows], dtype: 'float32', data: new Float32Array(rows).fill(value) };
}
