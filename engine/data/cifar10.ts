/** CIFAR-10 in its official binary files: records of one label byte and 3,072 pixels (channel, row, column). */
import { join } from 'node:path';
import type { Dataset, Part } from './dataset.ts';
import { checkLabel, readWhole } from './files.ts';

const pixelsOfPlane = 32 * 32;
const recordBytes = 1 + 3 * pixelsOfPlane;
const recordsOfFile = 10_000;
const fileBytes = recordBytes * recordsOfFile;

/** MD5 of the files in the official cifar-10-binary.tar.gz, as programs that fetch it check them. */
const md5s: Record<Part, Record<string, string>> = {
  train: {
    'data_batch_1.bin': '5dd7e06a14cb22eb9f671a540d1b7c25',
    'data_batch_2.bin': '5ea93a67294ea407fff1d09f752e9692',
    'data_batch_3.bin': '942cd6a4bcdd0dd3c604fbe906cb4421',
    'data_batch_4.bin': 'ae636b3ba5c66a11e91e8cb52e771fcb',
    'data_batch_5.bin': '53f37980c15c3d472c316c40844f3f0d',
  },
  test: { 'test_batch.bin': '803d5f7f4d78ea53de84dbe85f74fb6d' },
};

function pathOf(folder: string, file: string): string {
  return join(folder, 'cifar-10-batches-bin', file);
}

/** Copies the three planes of a record to interleaved channels. */
function interleave(record: Uint8Array, target: Uint8Array, start: number): void {
  for (let pixel = 0; pixel < pixelsOfPlane; pixel++) {
    target[start + 3 * pixel] = record[1 + pixel] as number;
    target[start + 3 * pixel + 1] = record[1 + pixelsOfPlane + pixel] as number;
    target[start + 3 * pixel + 2] = record[1 + 2 * pixelsOfPlane + pixel] as number;
  }
}

export const cifar10: Dataset = {
  name: 'cifar10',
  label: 'CIFAR-10',
  shape: [32, 32, 3],
  classes: 10,
  images: { train: 50_000, test: 10_000 },
  augmentation: { padding: 4 },
  normalisation: { mean: [0.4914, 0.4822, 0.4465], deviation: [0.2471, 0.2435, 0.2616] },

  hint: (folder) =>
    `Unpack the binary version of CIFAR-10 (cifar-10-binary.tar.gz from the dataset's page) so that ${pathOf(folder, 'test_batch.bin')} exists, or start with --datasets FOLDER.`,

  files: (folder) =>
    (['train', 'test'] as const).flatMap((part) =>
      Object.entries(md5s[part]).map(([file, md5]) => ({ part, path: pathOf(folder, file), bytes: fileBytes, official: { md5 } })),
    ),

  async read(folder, part, positions) {
    const pixels = new Uint8Array(positions.length * (recordBytes - 1));
    const labels = new Uint8Array(positions.length);
    for (const [fileIndex, file] of Object.keys(md5s[part]).entries()) {
      const first = fileIndex * recordsOfFile;
      if (!positions.some((position) => position >= first && position < first + recordsOfFile)) continue;
      const path = pathOf(folder, file);
      const bytes = await readWhole(path, fileBytes, this.hint(folder));
      for (let offset = 0; offset < fileBytes; offset += recordBytes)
        checkLabel(path, offset, bytes[offset] as number, 10, this.hint(folder));
      for (const [index, position] of positions.entries()) {
        const record = position - first;
        if (record < 0 || record >= recordsOfFile) continue;
        labels[index] = bytes[record * recordBytes] as number;
        interleave(bytes.subarray(record * recordBytes, (record + 1) * recordBytes), pixels, index * (recordBytes - 1));
      }
    }
    return { pixels, labels };
  },
};
