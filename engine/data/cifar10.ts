/** CIFAR-10 in its official binary files. */
import { join } from 'node:path';
import { cifarDataset } from './cifar.ts';
import { recordBytes } from './cifar-files.ts';
import type { Part } from './dataset.ts';
import { type DataFile, fetchHint } from './files.ts';

const form = { labelBytes: 1, classes: 10 };
const fileBytes = recordBytes(form) * 10_000;

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

const pathOf = (folder: string, file: string) => join(folder, 'cifar-10-batches-bin', file);

const hint = (folder: string) =>
  fetchHint(folder, {
    name: 'cifar10',
    archive: "the binary version of CIFAR-10 (cifar-10-binary.tar.gz from the dataset's page)",
    paths: [pathOf(folder, 'test_batch.bin')],
  });

const files = (folder: string): DataFile[] =>
  (['train', 'test'] as const).flatMap((part) =>
    Object.entries(md5s[part]).map(([file, md5]) => ({ part, path: pathOf(folder, file), bytes: fileBytes, official: { md5 } })),
  );

export const cifar10 = cifarDataset({
  ...{ name: 'cifar10', label: 'CIFAR-10', form, files, hint },
  images: { train: 50_000, test: 10_000 },
});
