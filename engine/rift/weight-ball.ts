/**
 * The ball that a module's weight may move in: ||delta theta||_p <= epsilon ||theta||_p, with the same p on both sides (paper,
 * definition 3.1). Algorithm 1 returns from outside to the nearest point of the ball in the Euclidean sense, which has a closed
 * form for three p.
 */
import type { HostArray } from '../backends/backend.ts';
import type { WeightNorm } from '../config.ts';
import { norm as length } from '../ops/arrays.ts';

interface Ball {
  /** ||values||_p, over all entries. */
  size(values: Float64Array): number;
  /** Moves `offset`, which lies outside of the ball of this radius around 0, to the ball's nearest point. */
  shrink(offset: Float64Array, radius: number): void;
}

function change(values: Float64Array, entry: (value: number) => number): void {
  for (const [index, value] of values.entries()) values[index] = entry(value);
}

/** p = 1. Every entry loses the same, none more than it has, until the sum is the radius (Duchi et al., ICML 2008, figure 1). */
const l1: Ball = {
  size: (values) => values.reduce((sum, value) => sum + Math.abs(value), 0),
  shrink(offset, radius) {
    let [sum, loss] = [0, 0];
    for (const [index, entry] of offset.map(Math.abs).sort().reverse().entries()) {
      sum += entry;
      const next = (sum - radius) / (index + 1);
      if (index > 0 && next >= entry) break;
      loss = next;
    }
    change(offset, (value) => Math.sign(value) * Math.max(0, Math.abs(value) - loss));
  },
};

/** p = 2: a shorter offset in the same direction. */
const l2: Ball = {
  size: (data) => length({ data }),
  shrink(offset, radius) {
    const factor = radius / length({ data: offset });
    change(offset, (value) => factor * value);
  },
};

/**
 * p = infinity: |delta theta_j| <= epsilon max |theta| for every entry j. The ball is a box, and the squared distance to it a sum
 * over its sides, so every entry is cut off by itself.
 */
const linf: Ball = {
  size: (values) => values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0),
  shrink: (offset, radius) => change(offset, (value) => Math.min(radius, Math.max(-radius, value))),
};

const balls: Record<WeightNorm, Ball> = { L1: l1, L2: l2, LINF: linf };

/** The nearest point to `weight` of the ball around `origin`; a weight inside stays as it is. epsilon: a fraction of the origin's norm. */
export function backInto(weight: HostArray, origin: HostArray, { norm, epsilon }: { norm: WeightNorm; epsilon: number }): HostArray {
  const { size, shrink } = balls[norm];
  const radius = epsilon * size(Float64Array.from(origin.data));
  const offset = Float64Array.from(weight.data, (value, index) => value - (origin.data[index] as number));
  if (size(offset) <= radius) return weight;
  shrink(offset, radius);
  return { ...weight, data: origin.data.map((value, index) => value + (offset[index] as number)) };
}
