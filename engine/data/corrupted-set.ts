/** The images of a set under a corruption: published ones where they lie in the datasets folder, else computed here. */
import { corruptImage } from '../corruptions/corruptions.ts';
import type { CorruptionCell } from '../corruptions/suites.ts';
import { DataError } from '../errors.ts';
import type { Dataset } from './dataset.ts';
import type { Pixels } from './pixels.ts';
import type { ImageSet } from './splits.ts';

/**
 * The seed of the corruptions' chance. It is the same in every run: corrupted images are data, so that two numbers of one
 * fingerprint are of the same images. Of the first seeds it is one whose accuracies lie near the mean of many in every cell.
 */
const seed = 1;

/** Changes when images that are computed here do. */
const version = 1;

/** Computed whenever they are needed: the result depends on nothing but the image, its position and the cell. */
function computed({ pixels, shape, positions }: ImageSet, cell: CorruptionCell): Pixels {
  const clean = new Uint8Array(pixels.imageBytes);
  return {
    imageBytes: pixels.imageBytes,
    copy(image, target, offset) {
      pixels.copy(image, clean, 0);
      target.set(corruptImage(clean, shape, cell, { seed, image: positions[image] as number }), offset);
    },
  };
}

/**
 * The corrupted set: same labels, positions and order. Throws DataError where published images do not belong to these.
 * folder: the datasets folder.
 */
export async function corruptedSet(dataset: Dataset, folder: string, set: ImageSet, cell: CorruptionCell): Promise<ImageSet> {
  const published = set.part === 'test' ? await dataset.published?.(folder, cell, set.positions) : undefined;
  if (!published) {
    const corrupted = { by: 'computed here', seed, version };
    return { ...set, pixels: computed(set, cell), source: { ...set.source, corrupted } };
  }
  const { collection, sha256, official, labels, pixels } = published;
  const wrong = labels.findIndex((label, image) => label !== set.labels[image]);
  if (wrong >= 0)
    throw new DataError(
      `${collection} has the label ${labels[wrong]} for test image ${set.positions[wrong]}, ${set.dataset} has ${set.labels[wrong]}: it is not of the same images.`,
      `Take ${collection} out of the datasets folder: the corruptions are then computed here.`,
    );
  return { ...set, pixels, source: { ...set.source, corrupted: { by: collection, sha256, official } } };
}
