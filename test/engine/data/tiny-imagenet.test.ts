import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findDataset, listDatasets, openDatasets } from '../../../engine/data/catalogue.ts';
import { bytesOf } from '../synthetic.ts';

let folder: string;
const root = () => join(folder, 'tiny-imagenet-200');
const names = Array.from({ length: 200 }, (_, index) => `n${String(1000 + index)}`);
const jpeg = (level: number) =>
  sharp({ create: { width: 64, height: 64, channels: 3, background: { r: level, g: level, b: level } } }).jpeg();
const annotate = (lines: readonly string[]) => writeFile(join(root(), 'val', 'val_annotations.txt'), `${lines.join('\n')}\n`);
/** Validation image i is of class 199 - i: neither file names nor folders say so. */
const lines = [0, 1, 2].map((index) => `val_${index}.JPEG\t${names[199 - index]}\t0\t0\t63\t63`);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'riftlab-tiny-'));
  for (const [label, name] of names.entries()) {
    await mkdir(join(root(), 'train', name, 'images'), { recursive: true });
    await jpeg(label).toFile(join(root(), 'train', name, 'images', `${name}_0.JPEG`));
  }
  await mkdir(join(root(), 'val', 'images'), { recursive: true });
  for (const index of [0, 1, 2]) await jpeg(10 * index).toFile(join(root(), 'val', 'images', `val_${index}.JPEG`));
  await annotate(lines);
});
afterAll(() => rm(folder, { recursive: true }));

const listed = async () => (await listDatasets(folder)).find(({ name }) => name === 'tinyimagenet');

it('takes the labels of validation images from their annotations', async () => {
  await openDatasets(folder);
  expect(await listed()).toMatchObject({ state: 'READY', classes: 200, shape: [64, 64, 3] });
  const dataset = findDataset('Tiny-ImageNet');
  const { labels, pixels } = await dataset.read(folder, 'test', Int32Array.of(0, 1, 2));
  expect([...labels]).toEqual([199, 198, 197]);
  expect([0, 1, 2].map((image) => bytesOf({ pixels, count: 3 })[image * 64 * 64 * 3])).toEqual([0, 10, 20]);
  expect((await dataset.content(folder, 'test')).official).toBe(false);
  const train = await dataset.read(folder, 'train', Int32Array.from(names.keys()));
  expect([...train.labels]).toEqual([...names.keys()]);
});

it.each<[string, string[], RegExp]>([
  ['an image without a line', lines.slice(1), /val_annotations.txt has no line for val_0.JPEG/],
  ['a class that nobody knows', [...lines.slice(1), 'val_0.JPEG\tn9\t0'], /is wrong in line 3: "n9" is no class/],
  ['a line without an image', [...lines, `val_7.JPEG\t${names[0]}\t0`], /has 3 images; .* names 4/],
])('is refused with %s', async (_what, changed, message) => {
  await annotate(changed);
  expect(await listed()).toMatchObject({ state: 'FAILED', hint: expect.stringMatching(message) });
});
