/** The balls of weights, against their definitions. */
import { describe, expect, it } from 'vitest';
import type { HostArray } from '../../../engine/backends/backend.ts';
import { weightNorms } from '../../../engine/config.ts';
import { backInto } from '../../../engine/rift/weight-ball.ts';
import { distance, randomArray } from '../arrays.ts';

const floats = (...values: number[]): HostArray => ({ shape: [values.length], dtype: 'float32', data: Float32Array.from(values) });

const lengths = {
  L1: (values: number[]) => values.reduce((sum, value) => sum + Math.abs(value), 0),
  L2: (values: number[]) => Math.hypot(...values),
  LINF: (values: number[]) => Math.max(...values.map(Math.abs)),
};

const between = (first: HostArray, second: HostArray) => [...first.data].map((value, index) => value - (second.data[index] as number));

describe.each(weightNorms)('the ball in %s', (norm) => {
  const origin = randomArray([3, 3, 4, 5], 1);
  const outside = randomArray([3, 3, 4, 5], 2, 3);
  const epsilon = 0.2;
  const radius = epsilon * lengths[norm]([...origin.data]);

  it('is as large as a share of the weight in the same norm', () => {
    const once = backInto(outside, origin, { norm, epsilon });
    expect(lengths[norm](between(once, origin))).toBeCloseTo(radius, 4);
    expect(once.shape).toEqual(origin.shape);
  });

  it('leaves weights inside alone, and those on its edge where they are', () => {
    expect(backInto(outside, origin, { norm, epsilon: 10 })).toBe(outside);
    expect(backInto(origin, origin, { norm, epsilon: 0 })).toBe(origin);
    const once = backInto(outside, origin, { norm, epsilon });
    expect(distance(backInto(once, origin, { norm, epsilon }), once)).toBeLessThan(1e-6);
  });

  it('is the origin alone where its radius is 0', () => {
    expect(distance(backInto(outside, origin, { norm, epsilon: 0 }), origin)).toBeLessThan(1e-6);
  });

  it('gives back the nearest of its points: no direction into it lies closer to the point outside', () => {
    const once = backInto(outside, origin, { norm, epsilon });
    const away = between(outside, once);
    for (let seed = 3; seed < 40; seed++) {
      const direction = [...randomArray(origin.shape, seed).data];
      const share = radius / lengths[norm](direction);
      const other = direction.map((value, index) => (origin.data[index] as number) + share * value);
      const product = away.reduce((sum, value, index) => sum + value * ((other[index] as number) - (once.data[index] as number)), 0);
      expect(product).toBeLessThanOrEqual(1e-4);
    }
  });

  it('keeps what is no number', () => {
    const broken = backInto(floats(Number.NaN, 5, 1), floats(1, 2, 3), { norm, epsilon });
    expect([...broken.data].some(Number.isNaN)).toBe(true);
  });
});

describe('small balls by hand', () => {
  const origin = floats(1, -2, 0);

  it('in LINF cut every entry off by itself, a weight of 0 too', () => {
    const moved = backInto(floats(1.1, -4, 7), origin, { norm: 'LINF', epsilon: 0.5 });
    expect([...moved.data]).toEqual([Math.fround(1.1), -3, 1]);
  });

  it('in L1 take the same from every entry, down to nothing', () => {
    const moved = backInto(floats(4, -2.5, 1), origin, { norm: 'L1', epsilon: 0.5 });
    expect([...moved.data]).toEqual([2.5, -2, 0]);
    const even = backInto(floats(3, -4, 2), origin, { norm: 'L1', epsilon: 1 });
    expect([...even.data]).toEqual([2, -3, 1]);
  });
});
