/** Made-up images that need no file, for tests of everything but the data itself. */
import type { ImageShape } from '../../engine/data/dataset.ts';
import { pixelsInMemory } from '../../engine/data/pixels.ts';
import type { ImageSet } from '../../engine/data/splits.ts';
import { RandomStream } from '../../engine/random.ts';

/** Noise of three classes; the class shows as the brightness of the left, middle or right third. */
export function syntheticSet(count: number, shape: ImageShape, changes: Partial<ImageSet> = {}): ImageSet {
  const [height, width, channels] = shape;
  const stream = new RandomStream(5, 'synthetic images');
  const labels = Int32Array.from({ length: count }, () => stream.below(3));
  const pixels = Uint8Array.from({ length: count * height * width * channels }, (_, index) => {
    const image = Math.floor(index / (height * width * channels));
    const column = Math.floor(index / channels) % width;
    const isBright = Math.floor((3 * column) / width) === labels[image];
    return stream.below(120) + (isBright ? 60 : 0);
  });
  return {
    dataset: 'synthetic',
    split: 'holdout',
    part: 'train',
    description: `synthetic holdout[0:${count}]`,
    source: { dataset: 'synthetic', name: 'holdout', sha256: '5'.repeat(64), official: null },
    shape,
    classes: 3,
    count,
    pixels: pixelsInMemory(pixels, height * width * channels),
    labels,
    positions: Int32Array.from({ length: count }, (_, index) => index),
    ...changes,
  };
}

/** All of a set's images, one after the other. */
export function bytesOf({ pixels, count }: Pick<ImageSet, 'pixels' | 'count'>): Uint8Array {
  const bytes = new Uint8Array(count * pixels.imageBytes);
  for (let image = 0; image < count; image++) pixels.copy(image, bytes, image * pixels.imageBytes);
  return bytes;
}
