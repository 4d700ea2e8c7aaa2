/** Seeded arrays, and how far two arrays are apart. */
import type { HostArray } from '../../engine/backends/backend.ts';
import type { Weights } from '../../engine/weights/weights.ts';

/** A linear congruential sequence in [0, 1): enough for test values, and the same everywhere. */
export function sequence(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const size = (shape: number[]) => shape.reduce((product, length) => product * length, 1);

/** Uniform in [-scale, scale). */
export function randomArray(shape: number[], seed: number, scale = 1): HostArray {
  const next = sequence(seed);
  return { shape, dtype: 'float32', data: Float32Array.from({ length: size(shape) }, () => (2 * next() - 1) * scale) };
}

/** Whole numbers in [0, classes). */
export function randomLabels(count: number, classes: number, seed: number): HostArray {
  const next = sequence(seed);
  return { shape: [count], dtype: 'int32', data: Int32Array.from({ length: count }, () => Math.floor(next() * classes)) };
}

/** The largest difference as a share of the largest expected value. */
export function distance(actual: HostArray, expected: HostArray): number {
  if (actual.shape.join() !== expected.shape.join() || actual.dtype !== expected.dtype)
    throw new Error(`${actual.dtype} [${actual.shape}] is compared with ${expected.dtype} [${expected.shape}]`);
  let largest = 1e-30;
  let difference = 0;
  for (const [index, value] of expected.data.entries()) {
    largest = Math.max(largest, Math.abs(value));
    const gap = Math.abs(value - (actual.data[index] as number));
    difference = Number.isNaN(gap) ? Number.POSITIVE_INFINITY : Math.max(difference, gap);
  }
  return difference / largest;
}

/** Weights whose tensors of these names are multiplied by a number. */
export function scaled(weights: Weights, names: readonly string[], factor: number): Weights {
  const times = (array: HostArray): HostArray => ({ ...array, data: array.data.map((value) => factor * value) });
  return { ...weights, ...Object.fromEntries(names.map((name) => [name, times(weights[name] as HostArray)])) };
}
