/** Tiny-ImageNet-C: the published corruptions of the validation images, a JPEG each, by corruption, severity and class. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { CorruptionCell } from '../corruptions/suites.ts';
import { DataError } from '../errors.ts';
import type { Published } from './dataset.ts';
import { decodeImage } from './decode.ts';
import type { Item } from './decoded-folder.ts';
import { pixelsInMemory } from './pixels.ts';

const collection = 'Tiny-ImageNet-C';
const shape = [64, 64, 3] as const;
const imageBytes = shape[0] * shape[1] * shape[2];
const together = 16;

/** The images of a cell for these validation images; undefined where the cell's folder does not lie in the datasets folder. */
export async function tinyImageNetC(
  folder: string,
  { corruption, severity }: CorruptionCell,
  items: readonly Item[],
  classes: readonly string[],
): Promise<Published | undefined> {
  const root = join(folder, collection, corruption, String(severity));
  if (!existsSync(root)) return undefined;
  const pixels = new Uint8Array(items.length * imageBytes);
  const hash = createHash('sha256');
  for (let first = 0; first < items.length; first += together) {
    const paths = items.slice(first, first + together).map(({ path, label }) => join(root, classes[label] as string, basename(path)));
    for (const [index, path] of paths.entries()) {
      if (!existsSync(path))
        throw new DataError(
          `${path} is missing: ${collection} is not of these validation images.`,
          `Take ${collection} out of the datasets folder: the corruptions are then computed here.`,
        );
      hash.update(await readFile(path));
      pixels.set(await decodeImage(path, shape), (first + index) * imageBytes);
    }
  }
  return {
    ...{ collection, sha256: hash.digest('hex'), official: null },
    pixels: pixelsInMemory(pixels, imageBytes),
    labels: Int32Array.from(items, ({ label }) => label),
  };
}
