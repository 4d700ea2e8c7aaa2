import { describe, expect, it } from 'vitest';
import { toHyperplane } from '../../../engine/ops/hyperplanes.ts';
import { RandomStream } from '../../../engine/random.ts';

const size = 200;

function problem(index: number) {
  const stream = new RandomStream(1, 'hyperplane', index);
  const point = stream.fillUniform(new Float32Array(size), 0, 1);
  const normal = stream.fillNormal(new Float32Array(size), 0, 1);
  for (let pixel = 0; pixel < size; pixel += 7) normal[pixel] = 0;
  for (let pixel = 0; pixel < size; pixel += 5) point[pixel] = pixel % 2;
  return { point, normal };
}

const along = (normal: Float32Array, point: ArrayLike<number>) =>
  normal.reduce((sum, slope, pixel) => sum + slope * (point[pixel] as number), 0);

/** The least length by bisection: how far each pixel goes is a function of it alone. */
function byBisection(point: Float32Array, normal: Float32Array, target: number): number {
  const sign = along(normal, point) >= target ? -1 : 1;
  const reached = (length: number) =>
    along(
      normal,
      point.map((value, pixel) => Math.min(1, Math.max(0, value + sign * Math.sign(normal[pixel] as number) * length))),
    );
  let [low, high] = [0, 1];
  for (let halving = 0; halving < 60; halving++) {
    const middle = (low + high) / 2;
    if (sign * (reached(middle) - target) >= 0) high = middle;
    else low = middle;
  }
  return high;
}

describe('the way to a hyperplane', () => {
  it.each([0, 1, 2, 3, 4, 5, 6, 7])('is the shortest within the box (%i)', (index) => {
    const { point, normal } = problem(index);
    const target = along(normal, point) + (index % 2 === 0 ? 1 : -1) * (0.2 + 3 * index);
    const offset = new Float64Array(size);
    const length = toHyperplane(point, normal, target, offset);
    const moved = Float64Array.from(point, (value, pixel) => value + (offset[pixel] as number));
    expect(along(normal, moved)).toBeCloseTo(target, 9);
    for (const [pixel, value] of moved.entries()) {
      expect(value).toBeGreaterThanOrEqual(-1e-12);
      expect(value).toBeLessThanOrEqual(1 + 1e-12);
      if (normal[pixel] === 0) expect(offset[pixel]).toBeCloseTo(0, 15);
    }
    expect(length).toBeCloseTo(byBisection(point, normal, target), 5);
    expect(Math.max(...offset.map(Math.abs))).toBe(length);
  });

  it('goes as far as the box lets it where the hyperplane does not meet the box', () => {
    const { point, normal } = problem(9);
    const offset = new Float64Array(size);
    toHyperplane(point, normal, 1e6, offset);
    for (const [pixel, slope] of normal.entries()) {
      const end = (point[pixel] as number) + (offset[pixel] as number);
      if (slope !== 0) expect(end).toBeCloseTo(slope > 0 ? 1 : 0, 12);
    }
  });

  it('is none without a slope', () => {
    const offset = new Float64Array(size);
    expect(toHyperplane(problem(1).point, new Float32Array(size), 1, offset)).toBe(0);
    expect(offset.every((value) => value === 0)).toBe(true);
  });
});
