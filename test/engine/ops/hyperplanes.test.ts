import * as tf from '@tensorflow/tfjs-core';
import { afterAll, describe, expect, it } from 'vitest';
import { CpuBackend } from '../../../engine/backends/cpu.ts';
import { toHyperplane } from '../../../engine/ops/hyperplanes.ts';
import { RandomStream } from '../../../engine/random.ts';

const size = 200;
const backend = new CpuBackend();
afterAll(() => backend.dispose());

interface Problem {
  point: Float32Array;
  normal: Float32Array;
}

function problem(index: number): Problem {
  const stream = new RandomStream(1, 'hyperplane', index);
  const point = stream.fillUniform(new Float32Array(size), 0, 1);
  const normal = stream.fillNormal(new Float32Array(size), 0, 1);
  for (let pixel = 0; pixel < size; pixel += 7) normal[pixel] = 0;
  for (let pixel = 0; pixel < size; pixel += 5) point[pixel] = pixel % 2;
  return { point, normal };
}

/** Offsets of problems, and their lengths; away: normal . point - target of each. */
async function solved(problems: readonly Problem[], away: readonly number[]) {
  const step = backend.compile(
    'hyperplanes',
    ({ points, normals, away }) => ({ ...toHyperplane(points as tf.Tensor, normals as tf.Tensor, tf.expandDims(away as tf.Tensor, 1)) }),
    { parallelism: 'images' },
  );
  const rows = (name: keyof Problem) => ({
    ...{ shape: [problems.length, size], dtype: 'float32' as const },
    data: Float32Array.from(problems.flatMap((one) => [...one[name]])),
  });
  const signed = { shape: [away.length], dtype: 'float32' as const, data: Float32Array.from(away) };
  const { offsets, lengths } = await step.run({ points: rows('point'), normals: rows('normal'), away: signed });
  await step.dispose();
  return problems.map((_, row) => ({
    offset: offsets?.data.subarray(row * size, (row + 1) * size) as Float32Array,
    length: lengths?.data[row] as number,
  }));
}

const along = (normal: Float32Array, point: ArrayLike<number>) =>
  normal.reduce((sum, slope, pixel) => sum + slope * (point[pixel] as number), 0);

/** The least length by bisection: how far each pixel goes is a function of it alone. */
function byBisection({ point, normal }: Problem, away: number): number {
  const sign = away >= 0 ? -1 : 1;
  const reached = (length: number) =>
    along(
      normal,
      point.map((value, pixel) => Math.min(1, Math.max(0, value + sign * Math.sign(normal[pixel] as number) * length))),
    ) - along(normal, point);
  let [low, high] = [0, 1];
  for (let halving = 0; halving < 60; halving++) {
    const middle = (low + high) / 2;
    if (sign * (reached(middle) + away) >= 0) high = middle;
    else low = middle;
  }
  return high;
}

describe('the way to a hyperplane', () => {
  it('is the shortest within the box, where a fifth of the values cannot move', async () => {
    const problems = [0, 1, 2, 3, 4, 5, 6, 7].map(problem);
    const away = problems.map((_, index) => (index % 2 === 0 ? -1 : 1) * (0.2 + 3 * index));
    const answers = await solved(problems, away);
    for (const [index, { offset, length }] of answers.entries()) {
      const { point, normal } = problems[index] as Problem;
      const moved = Float64Array.from(point, (value, pixel) => value + (offset[pixel] as number));
      // Newton's method comes from below: six digits on images, three where the way is long and much in it.
      expect(Math.abs(along(normal, offset) + (away[index] as number))).toBeLessThan(1e-3 * Math.abs(away[index] as number));
      for (const [pixel, value] of moved.entries()) {
        expect(value).toBeGreaterThanOrEqual(-1e-6);
        expect(value).toBeLessThanOrEqual(1 + 1e-6);
        if (normal[pixel] === 0) expect(offset[pixel]).toBeCloseTo(0, 15);
      }
      const exact = byBisection(problems[index] as Problem, away[index] as number);
      expect(Math.abs(length - exact)).toBeLessThan(1e-3 * exact);
      expect(Math.max(...offset.map(Math.abs))).toBe(length);
    }
  });

  it('goes as far as the box lets it where the hyperplane does not meet the box', async () => {
    const far = problem(9);
    const [answer] = await solved([far], [-1e6]);
    for (const [pixel, slope] of far.normal.entries()) {
      const end = (far.point[pixel] as number) + (answer?.offset[pixel] as number);
      if (slope !== 0) expect(end).toBeCloseTo(slope > 0 ? 1 : 0, 6);
    }
  });

  it('is none without a slope', async () => {
    const [answer] = await solved([{ ...problem(1), normal: new Float32Array(size) }], [-1]);
    expect(answer?.length).toBe(0);
    expect(answer?.offset.every((value) => value === 0)).toBe(true);
  });
});
