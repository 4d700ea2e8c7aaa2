/** CIFAR-100 and Tiny-ImageNet-200 as their authors published them, as far as they are there. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { findDataset, listDatasets, openDatasets } from '../../../engine/data/catalogue.ts';
import { loadSplit } from '../../../engine/data/splits.ts';
import { moreDatasets, sharedFolder } from '../../helpers/datasets.ts';
import { bytesOf } from '../synthetic.ts';

const folder = moreDatasets ?? '';
const listed = async (name: string) => (await listDatasets(folder)).find((one) => one.name === name);
const wholeTest = { split: 'test', protocol: 'PAPER', trainedHere: true } as const;
const counts = (labels: Int32Array, classes: number) =>
  Array.from({ length: classes }, (_, label) => labels.filter((other) => other === label).length);

describe.skipIf(!moreDatasets)('CIFAR-100', () => {
  const record = 2 + 3072;
  const bytes = () => readFileSync(join(folder, 'cifar-100-binary/test.bin'));

  it('is ready, with as many training images as there are', async () => {
    expect(await listed('cifar100')).toMatchObject({
      state: 'READY',
      classes: 100,
      shape: [32, 32, 3],
      splits: [{ images: 9000 }, { images: 1000 }, { images: 10_000 }],
    });
  });

  it('has the fine label and the pixels of each record', async () => {
    const set = await loadSplit(findDataset('CIFAR-100'), folder, wholeTest);
    expect(counts(set.labels, 100)).toEqual(new Array(100).fill(100));
    const file = bytes();
    const fine = readFileSync(join(sharedFolder as string, 'data/fine_label_names.txt'), 'utf8')
      .trim()
      .split('\n');
    expect([...set.labels.subarray(0, 5)].map((label) => fine[label])).toEqual(['mountain', 'forest', 'seal', 'mushroom', 'sea']);
    for (const image of [0, 4321, 9999]) {
      const begin = image * record;
      expect(set.labels[image]).toBe(file[begin + 1]);
      const pixels = bytesOf({ pixels: { ...set.pixels, copy: (_, ...rest) => set.pixels.copy(image, ...rest) }, count: 1 });
      for (const [pixel, channel] of [
        [0, 0],
        [33, 1],
        [1023, 2],
      ] as const)
        expect(pixels[pixel * 3 + channel]).toBe(file[begin + 2 + channel * 1024 + pixel]);
    }
  });

  it('says that its test images are the official ones, and that its training images are not all of them', async () => {
    const dataset = findDataset('cifar100');
    expect(await dataset.content(folder, 'test')).toMatchObject({ official: true });
    expect(await dataset.content(folder, 'train')).toMatchObject({ official: false });
  });
});

describe.skipIf(!moreDatasets)('Tiny-ImageNet-200', () => {
  const root = join(folder, 'tiny-imagenet-200');
  beforeAll(() => openDatasets(folder, 'tinyimagenet'));

  it('is ready, with the part of its images that is there', async () => {
    expect(await listed('tinyimagenet')).toMatchObject({
      state: 'READY',
      classes: 200,
      shape: [64, 64, 3],
      splits: [{ images: 3600 }, { images: 400 }, { images: 2000 }],
    });
  });

  it('takes the labels of the validation images from their annotations, and the pixels of each file', async () => {
    const set = await loadSplit(findDataset('tiny-imagenet'), folder, wholeTest);
    expect(counts(set.labels, 200)).toEqual(new Array(200).fill(10));
    const classes = readdirSync(join(root, 'train')).sort();
    const annotations = readFileSync(join(root, 'val/val_annotations.txt'), 'utf8').trim().split('\n');
    const classOf = new Map(annotations.map((line) => line.split('\t').slice(0, 2) as [string, string]));
    const files = readdirSync(join(root, 'val/images')).sort((one, other) => Number(/\d+/.exec(one)) - Number(/\d+/.exec(other)));
    expect(files.map((file) => classes.indexOf(classOf.get(file) as string))).toEqual([...set.labels]);
    for (const image of [0, 777, 1999]) {
      const { data } = await sharp(join(root, 'val/images', files[image] as string))
        .toColourspace('srgb')
        .raw()
        .toBuffer({ resolveWithObject: true });
      const found = new Uint8Array(set.pixels.imageBytes);
      set.pixels.copy(image, found, 0);
      if (data.length === found.length) expect(Buffer.from(found).equals(data)).toBe(true);
      else expect(found.filter((_, index) => index % 3 === 0)).toEqual(new Uint8Array(data));
    }
  });

  it('opens at once in another process: nothing is decoded again, and the content is the same', async () => {
    const before = await findDataset('tinyimagenet').content(folder, 'test');
    const kept = () =>
      readdirSync(join(folder, '.riftlab'))
        .filter((file) => file !== 'hashes.json' && !file.endsWith('.used'))
        .map((file) => [file, statSync(join(folder, '.riftlab', file)).mtimeMs]);
    const files = kept();
    const catalogue = JSON.stringify(join(import.meta.dirname, '../../../engine/data/catalogue.ts'));
    const script = `import { findDataset, listDatasets } from ${catalogue};
      const folder = ${JSON.stringify(folder)};
      const listed = (await listDatasets(folder)).find(({ name }) => name === 'tinyimagenet');
      console.log(JSON.stringify({ state: listed.state, content: await findDataset('tinyimagenet').content(folder, 'test') }));`;
    const found = execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], { encoding: 'utf8' });
    expect(JSON.parse(found)).toEqual({ state: 'READY', content: before });
    expect(kept()).toEqual(files);
  });
});
