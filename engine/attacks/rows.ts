/** Batches of images under attack: one row an image. */
import type { HostArray } from '../backends/backend.ts';
import type { Batch } from '../data/batches.ts';
import type { ImageShape } from '../data/dataset.ts';
import { sizeOf } from '../ops/arrays.ts';
import type { Target } from './attack.ts';

/** A value of this shape of every item, one below the other; the last item's fills the rows that are left. */
export function stacked<Item>(items: readonly Item[], rows: number, of: (item: Item) => Float32Array, shape: readonly number[]): HostArray {
  const size = sizeOf(shape);
  const data = new Float32Array(rows * size);
  for (let row = 0; row < rows; row++) data.set(of(items[Math.min(row, items.length - 1)] as Item), row * size);
  return { shape: [rows, ...shape], dtype: 'float32', data };
}

/** The clean images and their labels. */
export function batchOfTargets(targets: readonly Target[], rows: number, shape: ImageShape): Batch {
  return {
    count: rows,
    images: stacked(targets, rows, ({ image }) => image, shape),
    labels: numbers(targets, rows, ({ label }) => label),
  };
}

/** One row of `rows` that lie one below the other; the memory is shared. */
export function rowOf(data: Float32Array, row: number, rows: number): Float32Array {
  const size = data.length / rows;
  return data.subarray(row * size, (row + 1) * size);
}

/** One number of every item, int32 [rows]; the last item's fills the rows that are left. */
export function numbers<Item>(items: readonly Item[], rows: number, of: (item: Item) => number): HostArray {
  const data = Int32Array.from({ length: rows }, (_, row) => of(items[Math.min(row, items.length - 1)] as Item));
  return { shape: [rows], dtype: 'int32', data };
}
