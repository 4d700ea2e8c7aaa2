/** CIFAR-100 in its official binary files: the fine labels. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { cifarDataset } from './cifar.ts';
import { recordBytes } from './cifar-files.ts';
import type { Dataset, Part } from './dataset.ts';
import { type DataFile, fetchHint } from './files.ts';

/** A coarse and a fine label. */
const form = { labelBytes: 2, classes: 100 };
const official = {
  train: { images: 50_000, md5: '6172c7755cfe09b2fe270c85cebc1b15' },
  test: { images: 10_000, md5: '4499cfba6c016c1be1438163640a0898' },
};

const pathOf = (folder: string, part: Part) => join(folder, 'cifar-100-binary', `${part}.bin`);

const hint = (folder: string) =>
  fetchHint(folder, {
    name: 'cifar100',
    archive: "the binary version of CIFAR-100 (cifar-100-binary.tar.gz from the dataset's page)",
    paths: [pathOf(folder, 'train'), pathOf(folder, 'test')],
  });

/** The official number, or that of a file which holds the first of them. */
function imagesOf(folder: string, part: Part): number {
  const size = statSync(pathOf(folder, part), { throwIfNoEntry: false })?.size ?? 0;
  const records = size / recordBytes(form);
  const isCut = Number.isInteger(records) && records > 0 && records < official[part].images;
  return isCut ? records : official[part].images;
}

/** As the folder has it: a training file may hold the first images only. */
export function cifar100In(folder: string): Dataset {
  const images = { train: imagesOf(folder, 'train'), test: imagesOf(folder, 'test') };
  const files = (place: string): DataFile[] =>
    (['train', 'test'] as const).map((part) => ({
      ...{ part, path: pathOf(place, part), bytes: images[part] * recordBytes(form) },
      official: { md5: official[part].md5 },
    }));
  return cifarDataset({ name: 'cifar100', label: 'CIFAR-100', form, files, hint, images });
}
