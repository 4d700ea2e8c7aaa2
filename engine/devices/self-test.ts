/** The comparison of what a device computes with stored numbers, which the plain cpu backend gave. */
import { readFile } from 'node:fs/promises';
import type { Backend, HostArray, HostArrays } from '../backends/backend.ts';
import { selfTestValues } from './self-test-values.ts';

export type Samples = Record<string, number[]>;

export interface SelfTestResult {
  passed: boolean;
  /** The largest error, as the length of the difference over the length of what is right, and where it is. */
  error: number;
  where: string;
}

/**
 * Errors that are taken for rounding. A CPU rounds to 24 bits; a GPU may multiply in TF32 with 11, and then a ReLU near zero falls
 * on its other side here and there. Wrong mathematics (a turned kernel, a padding on the wrong side) gives errors near 1.
 */
export const tolerances = { cpu: 1e-3, cuda: 0.15, webgpu: 0.15 } as const;

const mostEntries = 48;
const file = new URL('./self-test.json', import.meta.url);

/** At most 48 entries of an array, evenly spread. */
function sample({ data }: HostArray): number[] {
  const step = Math.max(1, data.length / mostEntries);
  return Array.from({ length: Math.min(data.length, mostEntries) }, (_, index) => data[Math.floor(index * step)] as number);
}

export function sampled(values: HostArrays): Samples {
  return Object.fromEntries(Object.entries(values).map(([name, array]) => [name, sample(array)]));
}

const lengthOf = (numbers: readonly number[]) => Math.hypot(...numbers);

/** Infinite where a value is not a number or a length is another. */
function errorOf(found: readonly number[] | undefined, right: readonly number[]): number {
  if (found?.length !== right.length) return Number.POSITIVE_INFINITY;
  const error = lengthOf(right.map((value, index) => value - (found[index] as number))) / lengthOf(right);
  return Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
}

export function compareSamples(found: Samples, right: Samples, tolerance: number): SelfTestResult {
  const errors = Object.entries(right).map(([where, numbers]) => ({ where, error: errorOf(found[where], numbers) }));
  const worst = errors.reduce((most, one) => (one.error > most.error ? one : most));
  return { passed: worst.error <= tolerance, ...worst };
}

export async function storedSamples(): Promise<Samples> {
  return JSON.parse(await readFile(file, 'utf8'));
}

/** Computes on the backend and compares with the stored numbers. Throws what the backend throws. */
export async function selfTest(backend: Backend): Promise<SelfTestResult> {
  return compareSamples(sampled(await selfTestValues(backend)), await storedSamples(), tolerances[backend.kind]);
}
