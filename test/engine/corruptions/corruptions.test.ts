import { describe, expect, it } from 'vitest';
import { corruptionNames } from '../../../engine/corruptions/constants.ts';
import { corruptImage, corruptions } from '../../../engine/corruptions/corruptions.ts';
import { type CorruptionCell, severities } from '../../../engine/corruptions/suites.ts';
import type { ImageShape } from '../../../engine/data/dataset.ts';
import { RandomStream } from '../../../engine/random.ts';

/** A smooth scene with an edge: neighbours are alike, as in photographs. */
function scene([height, width, channels]: ImageShape, image = 0): Uint8Array {
  const bytes = new Uint8Array(height * width * channels);
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++)
      for (let channel = 0; channel < channels; channel++) {
        const wave = Math.sin((row + 3 * image) / 5) + Math.cos(column / (4 + channel));
        bytes[(row * width + column) * channels + channel] = 128 + 40 * wave + (column > width / 2 ? 40 : 0);
      }
  return bytes;
}

const small: ImageShape = [32, 32, 3];
const corrupted = (cell: CorruptionCell, image = 0, seed = 0, shape = small) =>
  corruptImage(scene(shape, image), shape, cell, { seed, image });
const meanDifference = (first: Uint8Array, second: Uint8Array) =>
  first.reduce((sum, byte, index) => sum + Math.abs(byte - (second[index] as number)), 0) / first.length;

describe.each(corruptionNames)('%s', (corruption) => {
  it('is the same again, in any order, and leaves the clean image as it is', () => {
    const forward = [0, 1, 2].map((image) => corrupted({ corruption, severity: 3 }, image));
    const backward = [2, 1, 0].map((image) => corrupted({ corruption, severity: 3 }, image)).reverse();
    expect(forward).toEqual(backward);
    const clean = scene(small);
    corruptImage(clean, small, { corruption, severity: 5 }, { seed: 0, image: 0 });
    expect(clean).toEqual(scene(small));
  });

  it('takes another course for another seed, image or severity exactly where chance is part of it', () => {
    const bytes = scene(small);
    const draw = (seed: number, image: number, severity: number) => corruptImage(bytes, small, { corruption, severity }, { seed, image });
    const { random } = corruptions[corruption];
    expect(draw(1, 0, 3)).not.toEqual(draw(0, 0, 5));
    if (random) {
      expect(draw(1, 0, 3)).not.toEqual(draw(0, 0, 3));
      expect(draw(0, 1, 3)).not.toEqual(draw(0, 0, 3));
    } else expect(draw(1, 1, 3)).toEqual(draw(0, 0, 3));
  });

  it.each([
    [28, 28, 1],
    [64, 64, 3],
    [20, 45, 3],
    [33, 57, 3],
    [96, 96, 3],
  ] as ImageShape[])('takes images of %i x %i x %i', (...shape) => {
    for (const severity of severities) {
      const found = corrupted({ corruption, severity }, 0, 0, shape);
      expect(found.length).toBe(shape[0] * shape[1] * shape[2]);
      if (corruption !== 'saturate' || shape[2] === 3) expect(meanDifference(found, scene(shape))).toBeGreaterThan(0);
    }
  });
});

describe('noise', () => {
  /** Of a grey image: mean and standard deviation of its bytes in [0, 1], over many images. */
  function moments(corruption: CorruptionCell['corruption'], severity: number, level: number) {
    const bytes = new Uint8Array(small[0] * small[1] * small[2]).fill(level);
    const values = Array.from({ length: 20 }, (_, image) => [
      ...corruptImage(bytes, small, { corruption, severity }, { seed: 0, image }),
    ]).flat();
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length / 255;
    return { values, mean, deviation: Math.sqrt(values.reduce((sum, value) => sum + (value / 255 - mean) ** 2, 0) / values.length) };
  }

  it('has the deviations of its constants', () => {
    expect(moments('gaussian_noise', 3, 128).deviation).toBeCloseTo(0.08, 2);
    expect(moments('speckle_noise', 5, 128).deviation).toBeCloseTo(0.2 * (128 / 255), 2);
    const shot = moments('shot_noise', 5, 64);
    expect(shot.mean).toBeCloseTo(64 / 255, 2);
    expect(shot.deviation).toBeCloseTo(Math.sqrt(64 / 255 / 50), 2);
    const { values } = moments('impulse_noise', 5, 128);
    const share = (level: number) => values.filter((value) => value === level).length / values.length;
    expect(share(0)).toBeCloseTo(0.035, 2);
    expect(share(255)).toBeCloseTo(0.035, 2);
  });
});

it('grows with its severity', () => {
  for (const corruption of ['gaussian_noise', 'defocus_blur', 'fog', 'contrast', 'jpeg_compression'] as const) {
    const distances = severities.map((severity) => meanDifference(corrupted({ corruption, severity }), scene(small)));
    expect(distances, corruption).toEqual(distances.toSorted((first, second) => first - second));
  }
});

it('copies a neighbour over a pixel in glass blur, one way only', () => {
  const bytes = Uint8Array.from({ length: 32 * 32 * 3 }, (_, index) => 40 + (index % 180));
  const found = corruptImage(bytes, small, { corruption: 'glass_blur', severity: 1 }, { seed: 0, image: 0 });
  const stream = new RandomStream(0, 'corruption glass_blur', 1, 0);
  const expected = bytes.map((byte) => Math.trunc((byte / 255) * 255));
  for (let row = 31; row > 1; row--)
    for (let column = 31; column > 1; column--) {
      const across = stream.below(2) - 1;
      const down = stream.below(2) - 1;
      for (let channel = 0; channel < 3; channel++)
        expected[(row * 32 + column) * 3 + channel] = expected[((row + down) * 32 + column + across) * 3 + channel] as number;
    }
  expect(found).toEqual(expected.map((byte) => Math.trunc((byte / 255) * 255)));
});
