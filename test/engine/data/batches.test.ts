import { describe, expect, it } from 'vitest';
import { augmentedBatchOf, batchOf, cut, inOrder } from '../../../engine/data/batches.ts';
import { pixelsInMemory } from '../../../engine/data/pixels.ts';
import type { ImageSet } from '../../../engine/data/splits.ts';
import { RandomStream } from '../../../engine/random.ts';
import { bytesOf, syntheticSet } from '../synthetic.ts';

/** Rows and columns of an image whose pixel (row, column) holds 16 row + column. */
const coordinates: ImageSet = {
  ...syntheticSet(1, [8, 8, 1]),
  pixels: pixelsInMemory(
    Uint8Array.from({ length: 64 }, (_, index) => 16 * Math.floor(index / 8) + (index % 8)),
    64,
  ),
};

describe('batches', () => {
  it('are bytes over 255, in the order of the members', () => {
    const set = syntheticSet(4, [2, 2, 3]);
    const { images, labels, count } = batchOf(set, [3, 1]);
    expect(images.shape).toEqual([2, 2, 2, 3]);
    expect(count).toBe(2);
    expect([...labels.data]).toEqual([set.labels[3], set.labels[1]]);
    const bytes = bytesOf(set);
    expect(images.data[12]).toBe(Math.fround((bytes[12] as number) / 255));
    expect(images.data[0]).toBe(Math.fround((bytes[36] as number) / 255));
  });

  it('cut an order with a smaller rest', () => {
    expect(cut(inOrder(7), 3).map((members) => [...members])).toEqual([[0, 1, 2], [3, 4, 5], [6]]);
  });
});

describe('augmentation', () => {
  const shown = (seed: number) => {
    const { images } = augmentedBatchOf(coordinates, [0], 2, () => new RandomStream(seed, 'augmentation'));
    return Array.from(images.data, (value) => Math.round(value * 255));
  };

  it('shifts and flips: rows and columns stay lines, mirrored at the edges', () => {
    const mirrored = (place: number) => (place < 0 ? -place : place > 7 ? 14 - place : place);
    const seen = new Set<string>();
    for (let seed = 0; seed < 400; seed++) {
      const values = shown(seed);
      const matches = [-2, -1, 0, 1, 2].flatMap((down) =>
        [-2, -1, 0, 1, 2].flatMap((right) =>
          [false, true]
            .filter((flipped) =>
              values.every((value, index) => {
                const row = mirrored(Math.floor(index / 8) + down);
                const column = mirrored((flipped ? 7 - (index % 8) : index % 8) + right);
                return value === 16 * row + column;
              }),
            )
            .map((flipped) => `${down} ${right} ${flipped}`),
        ),
      );
      expect(matches.length).toBeGreaterThan(0);
      for (const match of matches) seen.add(match);
    }
    expect(seen.size).toBe(50);
  });

  it('gives an image the same view in any batch', () => {
    const set = syntheticSet(6, [8, 8, 3]);
    const stream = (member: number) => new RandomStream(1, 'augmentation', member);
    const together = augmentedBatchOf(set, [4, 2, 5], 4, stream).images.data;
    const alone = augmentedBatchOf(set, [2], 4, stream).images.data;
    expect(together.slice(192, 384)).toEqual(alone);
  });
});
