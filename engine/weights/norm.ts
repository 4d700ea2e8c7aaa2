import type { HostArray } from '../backends/backend.ts';

/** Euclidean norm of all entries, summed in float64. */
export function norm({ data }: HostArray): number {
  let sum = 0;
  for (let index = 0; index < data.length; index++) sum += (data[index] as number) ** 2;
  return Math.sqrt(sum);
}
