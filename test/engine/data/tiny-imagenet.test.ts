import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findDataset, listDatasets, openDatasets } from '../../../engine/data/catalogue.ts';
import { corruptedSet } from '../../../engine/data/corrupted-set.ts';
import { type ImageSet, loadSplit } from '../../../engine/data/splits.ts';
import { protocolOf } from '../../../engine/evaluation/protocol.ts';
import { bytesOf } from '../synthetic.ts';

let folder: string;
const root = () => join(folder, 'tiny-imagenet-200');
const names = Array.from({ length: 200 }, (_, index) => `n${String(1000 + index)}`);
const jpeg = (level: number, side = 64) =>
  sharp({ create: { width: side, height: side, channels: 3, background: { r: level, g: level, b: level } } }).jpeg();
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
  [
    'an image in two classes',
    [...lines, `val_0.JPEG\t${names[7]}\t0`],
    /is wrong in line 4: val_0\.JPEG has another class in a line before/,
  ],
  ['a line without an image', [...lines, `val_7.JPEG\t${names[0]}\t0`], /has 3 images; .* names 4/],
])('is refused with %s', async (_what, changed, message) => {
  await annotate(changed);
  expect(await listed()).toMatchObject({ state: 'FAILED', hint: expect.stringMatching(message) });
});

it('says that the annotations are missing', async () => {
  await rm(join(root(), 'val/val_annotations.txt'));
  expect(await listed()).toMatchObject({ state: 'FAILED', hint: expect.stringMatching(/^\S*val_annotations\.txt is missing\. /) });
  await annotate(lines);
});

describe('Tiny-ImageNet-C', () => {
  const request = { split: 'test', protocol: 'PAPER', trainedHere: true } as const;
  const place = (index: number) => join(folder, 'Tiny-ImageNet-C/fog/2', names[199 - index] as string);
  const levels = (set: ImageSet) => [0, 1, 2].map((image) => bytesOf(set)[image * set.pixels.imageBytes]);

  async function corrupted(severity: number) {
    await openDatasets(folder);
    const dataset = findDataset('tinyimagenet');
    const cell = { corruption: 'fog' as const, severity };
    const set = await corruptedSet(dataset, folder, await loadSplit(dataset, folder, request), cell);
    return { set, protocol: protocolOf({ suite: 'OOD', ...cell }, set) };
  }

  beforeAll(async () => {
    await annotate(lines);
    for (const index of [0, 1, 2]) {
      await mkdir(place(index), { recursive: true });
      await jpeg(200 + index).toFile(join(place(index), `val_${index}.JPEG`));
    }
  });

  it('takes the place of what is computed in the cells that it has, and the protocol says so', async () => {
    const published = await corrupted(2);
    expect(levels(published.set)).toEqual([200, 201, 202]);
    expect([...published.set.labels]).toEqual([199, 198, 197]);
    expect(published.protocol.text).toMatch(/fog severity 2; .*, corruption of Tiny-ImageNet-C$/);
    const computed = await corrupted(3);
    expect(levels(computed.set)).not.toContain(200);
    expect(computed.protocol.text).toMatch(/fog severity 3; .*, corruption computed here$/);
  });

  it('gives another fingerprint when one of its images is another', async () => {
    const { protocol } = await corrupted(2);
    await jpeg(90).toFile(join(place(1), 'val_1.JPEG'));
    const changed = await corrupted(2);
    expect(levels(changed.set)).toEqual([200, 90, 202]);
    expect(changed.protocol.fingerprint).not.toBe(protocol.fingerprint);
  });

  it.each<[string, (path: string) => Promise<unknown>, RegExp]>([
    ['that lacks an image', (path) => rm(path), /val_2\.JPEG is missing: Tiny-ImageNet-C is not of these validation images/],
    ['with an image of another size', (path) => jpeg(3, 32).toFile(path), /val_2\.JPEG is 32 x 32 pixels large; the others are 64 x 64/],
    ['with a file that is no image', (path) => writeFile(path, 'hello'), /val_2\.JPEG is no image that can be read/],
  ])('is refused %s, by its name', async (_what, spoil, message) => {
    await spoil(join(place(2), 'val_2.JPEG'));
    await expect(corrupted(2)).rejects.toThrow(message);
  });
});
