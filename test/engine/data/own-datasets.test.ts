import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findDataset, listDatasets, openDatasets } from '../../../engine/data/catalogue.ts';
import type { Part } from '../../../engine/data/dataset.ts';
import { loadSplit } from '../../../engine/data/splits.ts';
import { EngineError } from '../../../engine/errors.ts';
import { formatSafetensors } from '../../../engine/weights/safetensors.ts';
import { deflated, makeZip } from '../../helpers/zip.ts';
import { bytesOf } from '../synthetic.ts';
import { npy } from './npy.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'riftlab-own-'));
});
afterEach(() => {
  vi.useRealTimers();
  return rm(folder, { recursive: true });
});

const listed = async (name: string) => (await listDatasets(folder)).find((one) => one.name === name);
const first = Int32Array.of(0);

async function image(path: string, level: number, { height = 8, width = 12, channels = 3 as 1 | 3 } = {}): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true });
  const raw = { height, width, channels };
  await sharp(new Uint8Array(height * width * channels).fill(level), { raw })
    .png()
    .toFile(path);
}

/** 300 classes of one training image each, ten with a test image. */
async function manyClasses(): Promise<void> {
  for (let label = 0; label < 300; label++) {
    const name = `c${String(label).padStart(3, '0')}`;
    await image(join(folder, 'My_Birds', 'train', name, 'a.png'), label % 256);
    if (label >= 290) await image(join(folder, 'My_Birds', 'test', name, 'b.png'), label - 250);
  }
}

describe('a folder of images by class', () => {
  it('is decoded once, in the background, with more classes than a byte counts', async () => {
    await manyClasses();
    expect(await listed('mybirds')).toMatchObject({ state: 'PREPARING', classes: 300, hint: expect.stringMatching(/of 310 so far/) });
    await openDatasets(folder);
    expect(await listed('mybirds')).toMatchObject({ state: 'READY', classes: 300, shape: [8, 12, 3] });
    const dataset = findDataset('My-Birds');
    const set = await loadSplit(dataset, folder, { split: 'test', protocol: 'PAPER', trainedHere: true });
    expect([...set.labels]).toEqual([290, 291, 292, 293, 294, 295, 296, 297, 298, 299]);
    expect(bytesOf(set)[0]).toBe(40);
    const before = await readdir(join(folder, '.riftlab'));
    const again = await loadSplit(findDataset('mybirds'), folder, { split: 'test', protocol: 'PAPER', trainedHere: true });
    expect(again.source.sha256).toBe(set.source.sha256);
    expect(await readdir(join(folder, '.riftlab'))).toEqual(before);
  });

  it('is decoded again when an image comes, and is other data then', async () => {
    for (const name of ['a', 'b']) for (const part of ['train', 'test']) await image(join(folder, 'own', part, name, '1.png'), 9);
    await openDatasets(folder);
    const before = await findDataset('own').content(folder, 'test');
    await image(join(folder, 'own', 'test', 'b', '2.png'), 10);
    await utimes(join(folder, 'own', 'test', 'b'), new Date(), new Date(Date.now() + 5000));
    await openDatasets(folder);
    expect(findDataset('own').images.test).toBe(3);
    expect((await findDataset('own').content(folder, 'test')).sha256).not.toBe(before.sha256);
  });

  it('is decoded again when an image is written over, and is other data then', async () => {
    for (const name of ['a', 'b']) for (const part of ['train', 'test']) await image(join(folder, 'own', part, name, '1.png'), 9);
    await openDatasets(folder);
    const before = await findDataset('own').content(folder, 'test');
    const train = await findDataset('own').content(folder, 'train');
    await image(join(folder, 'own', 'test', 'b', '1.png'), 10);
    await vi.waitFor(async () => {
      await openDatasets(folder);
      expect((await findDataset('own').content(folder, 'test')).sha256).not.toBe(before.sha256);
    }, 60_000);
    expect(await listed('own')).toMatchObject({ state: 'READY' });
    expect((await findDataset('own').content(folder, 'train')).sha256).toBe(train.sha256);
    const set = await loadSplit(findDataset('own'), folder, { split: 'test', protocol: 'PAPER', trainedHere: true });
    expect(bytesOf(set).at(-1)).toBe(10);
    await image(join(folder, 'own', 'test', 'b', '1.png'), 9);
    await vi.waitFor(async () => {
      await openDatasets(folder);
      expect(await findDataset('own').content(folder, 'test')).toEqual(before);
    }, 60_000);
  });

  it('leaves no decoded file of other images for long, and none that is being read', async () => {
    const cache = join(folder, '.riftlab');
    const files = async () => (await readdir(cache)).filter((name) => name !== 'hashes.json').sort();
    const age = async (name: string, days: number) => {
      const time = new Date(Date.now() - days * 86_400_000);
      await utimes(join(cache, name), time, time);
    };
    for (const name of ['a', 'b']) for (const part of ['train', 'test']) await image(join(folder, 'own', part, name, '1.png'), 9);
    for (const name of ['a', 'b']) for (const part of ['train', 'test']) await image(join(folder, 'owner', part, name, '1.png'), 9);
    await openDatasets(folder);
    const before = await files();
    const begun = (start: string) => before.find((name) => name.startsWith(start)) ?? start;
    const [oldTest, oldTrain] = [begun('own-test-'), begun('own-train-')];
    await writeFile(join(cache, `${oldTrain}.4711`), 'a draft of a process that was killed');
    await writeFile(join(cache, 'own-train-mine.safetensors'), 'of somebody else');
    const others = before.filter((name) => name.startsWith('owner'));
    for (const name of [...before, `${oldTrain}.4711`, 'own-train-mine.safetensors']) await age(name, 30);
    await writeFile(join(cache, `${oldTest}.used`), '');

    await image(join(folder, 'own', 'test', 'a', '2.png'), 10);
    await utimes(join(folder, 'own', 'test', 'a'), new Date(), new Date(Date.now() + 5000));
    await Promise.all([openDatasets(folder), openDatasets(folder)]);
    const after = await files();
    expect(after).toEqual(expect.arrayContaining([oldTest, `${oldTest}.used`, 'own-train-mine.safetensors', 'own.json', ...others]));
    expect(after.filter((name) => name === oldTrain || name.endsWith('.4711'))).toEqual([]);
    expect(findDataset('own').images.test).toBe(3);
    expect(others).toHaveLength(5);
    for (const name of [oldTest, `${oldTest}.used`]) await age(name, 30);
    await openDatasets(folder);
    expect(await files()).toEqual(after);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 });
    await openDatasets(folder);
    vi.useRealTimers();
    expect(await files()).toEqual(after.filter((name) => !name.startsWith(oldTest)));
    const set = await loadSplit(findDataset('own'), folder, { split: 'test', protocol: 'PAPER', trainedHere: true });
    expect(bytesOf(set)[0]).toBe(9);
  });

  const cached = () => readdir(join(folder, '.riftlab'));
  const decodedOf = async (part: Part) => (await cached()).find((name) => name.startsWith(`own-${part}`) && name.endsWith('rs')) as string;

  it('keeps what another process opened, where the file system does not note that it is read', async () => {
    for (const name of ['a', 'b']) for (const part of ['train', 'test']) await image(join(folder, 'own', part, name, '1.png'), 9);
    await openDatasets(folder);
    const opened = await decodedOf('test');
    const month = new Date(Date.now() - 30 * 86_400_000);
    await utimes(join(folder, '.riftlab', opened), month, month);
    await image(join(folder, 'own', 'test', 'a', '2.png'), 10);
    await utimes(join(folder, 'own', 'test', 'a'), new Date(), new Date(Date.now() + 5000));
    await openDatasets(folder);
    expect((await cached()).filter((name) => /^own-test.*rs$/.test(name))).toHaveLength(2);
    expect(await cached()).toContain(opened);
  });

  it('is decoded again where the decoded file is gone, and says so to whoever was to read it', async () => {
    for (const name of ['a', 'b']) for (const part of ['train', 'test']) await image(join(folder, 'own', part, name, '1.png'), 9);
    await openDatasets(folder);
    const dataset = findDataset('own');
    const file = join(folder, '.riftlab', await decodedOf('test'));
    await rm(file);
    await expect(dataset.read(folder, 'test', first)).rejects.toMatchObject({ name: 'DataError', message: `${file} is missing.` });
    expect(await listed('own')).toMatchObject({ state: 'PREPARING' });
    await openDatasets(folder);
    expect((await findDataset('own').read(folder, 'test', first)).labels).toEqual(Int32Array.of(0));
  });

  it.each<[string, () => Promise<void>, RegExp]>([
    [
      'an image of another size',
      () => image(join(folder, 'own/train/a/2.png'), 3, { height: 9 }),
      /own\/train\/a\/2\.png is 9 x 12 pixels large; the others are 8 x 12/,
    ],
    [
      'a file that is no image',
      () => writeFile(join(folder, 'own/train/a/2.png'), 'hello'),
      /own\/train\/a\/2\.png is no image that can be read/,
    ],
    [
      'another kind of file under an image’s name',
      () => writeFile(join(folder, 'own/train/a/2.png'), '<svg xmlns="http://www.w3.org/2000/svg" width="12" height="8"/>'),
      /is a svg image; expected JPEG, PNG or WebP/,
    ],
    ['a folder within a class', () => image(join(folder, 'own/train/a/more/1.png'), 3), /own\/train\/a\/more is a folder within a class/],
    [
      'an image of another format',
      () => writeFile(join(folder, 'own/train/a/2.tif'), ''),
      /2\.tif is an image of a format that is not read/,
    ],
    ['a class without images', () => mkdir(join(folder, 'own/train/empty')).then(() => {}), /The class .*own\/train\/empty has no images/],
    ['a class that only test has', () => image(join(folder, 'own/test/z/1.png'), 3), /own\/test\/z is a class that .*train has not/],
  ])('is refused with %s', async (_what, spoil, message) => {
    for (const name of ['a', 'b']) for (const part of ['train', 'test']) await image(join(folder, 'own', part, name, '1.png'), 9);
    await spoil();
    await openDatasets(folder);
    const found = await listed('own');
    expect(found).toMatchObject({ state: 'FAILED', hint: expect.stringMatching(message) });
    expect(await readdir(join(folder, '.riftlab')).catch(() => [])).toEqual([]);
  });

  it('leaves out what a system hides in it', async () => {
    for (const name of ['a', 'b']) for (const part of ['train', 'test']) await image(join(folder, 'own', part, name, '1.png'), 9);
    await mkdir(join(folder, 'own/train/.ipynb_checkpoints'));
    await writeFile(join(folder, 'own/train/a/._1.png'), 'Mac OS X');
    await openDatasets(folder);
    expect(await listed('own')).toMatchObject({ state: 'READY', classes: 2, splits: [{ images: 2 }, { images: 0 }, { images: 2 }] });
  });

  it('is refused with an image that is cut off', async () => {
    const path = join(folder, 'own/train/a/1.png');
    for (const name of ['a', 'b'])
      for (const part of ['train', 'test']) await image(join(folder, 'own', part, name, '1.png'), 9, { height: 64, width: 64 });
    const whole = await sharp(
      Uint8Array.from({ length: 64 * 64 * 3 }, (_, index) => (index * 7919) % 256),
      { raw: { height: 64, width: 64, channels: 3 } },
    )
      .png()
      .toBuffer();
    await writeFile(path, whole.subarray(0, whole.length / 2));
    await openDatasets(folder);
    expect(await listed('own')).toMatchObject({
      state: 'FAILED',
      hint: expect.stringMatching(/own\/train\/a\/1\.png cannot be decoded: .*$/),
    });
  });
});

describe('arrays', () => {
  const count = { train: 20, test: 4 };
  const images = (part: Part) => Uint8Array.from({ length: count[part] * 5 * 6 * 3 }, (_, index) => index % 251);
  const labels = (part: Part) => BigInt64Array.from({ length: count[part] }, (_, index) => BigInt(index === 0 ? 299 : index % 3));
  const arraysOf = (part: Part, changes: { shape?: number[]; type?: string; labels?: BigInt64Array } = {}) => ({
    images: npy(changes.type ?? '|u1', changes.shape ?? [count[part], 5, 6, 3], images(part)),
    labels: npy('<i8', [count[part]], new Uint8Array((changes.labels ?? labels(part)).buffer)),
  });

  const forms = ['npy', 'npz', 'npz compressed', 'safetensors'] as const;

  async function write(form: (typeof forms)[number], part: Part, changes = {}): Promise<void> {
    const root = join(folder, 'own');
    await mkdir(root, { recursive: true });
    const arrays = arraysOf(part, changes);
    if (form === 'npz')
      await writeFile(
        join(root, `${part}.npz`),
        makeZip([
          ['images.npy', arrays.images],
          ['labels.npy', arrays.labels],
        ]),
      );
    if (form === 'npz compressed')
      await writeFile(join(root, `${part}.npz`), makeZip([deflated('images.npy', arrays.images), deflated('labels.npy', arrays.labels)]));
    if (form === 'npy') for (const role of ['images', 'labels'] as const) await writeFile(join(root, `${part}_${role}.npy`), arrays[role]);
    const tensors = {
      labels: { dtype: 'I64' as const, shape: [count[part]], bytes: new Uint8Array(labels(part).buffer) },
      images: { dtype: 'U8' as const, shape: [count[part], 5, 6, 3], bytes: images(part) },
    };
    if (form === 'safetensors') await writeFile(join(root, `${part}.safetensors`), formatSafetensors({ tensors, metadata: {} }));
  }

  it.each(forms)('of %s are read', async (form) => {
    await write(form, 'train');
    await write(form, 'test');
    if (form === 'npz compressed')
      expect(await listed('own')).toMatchObject({ state: 'PREPARING', hint: expect.stringMatching(/ of 1 MB/) });
    await openDatasets(folder);
    expect(await listed('own')).toMatchObject({
      state: 'READY',
      classes: 300,
      shape: [5, 6, 3],
      splits: [{ images: 18 }, { images: 2 }, { images: 4 }],
    });
    const { pixels, labels: found } = await findDataset('own').read(folder, 'test', Int32Array.of(3, 0));
    expect([...found]).toEqual([0, 299]);
    expect([...bytesOf({ pixels, count: 2 }).subarray(0, 3)]).toEqual([...images('test').subarray(270, 273)]);
  });

  it('take whole channels one after the other', async () => {
    await write('npy', 'train', { shape: [20, 3, 5, 6] });
    await write('npy', 'test', { shape: [4, 3, 5, 6] });
    await listDatasets(folder);
    const { pixels } = await findDataset('own').read(folder, 'test', first);
    const bytes = bytesOf({ pixels, count: 1 });
    expect([bytes[0], bytes[1], bytes[2], bytes[3]]).toEqual([0, 30, 60, 1]);
  });

  it('are read again only when a file of theirs changes', async () => {
    for (const part of ['train', 'test'] as const) await write('npy', part);
    await listDatasets(folder);
    const { labels } = await findDataset('own').read(folder, 'test', Int32Array.of(0, 1, 2, 3));
    const path = join(folder, 'own', 'test_labels.npy');
    const bytes = await readFile(path);
    bytes.writeBigInt64LE(7n, bytes.length - 8);
    await writeFile(path, bytes);
    await listDatasets(folder);
    const after = await findDataset('own').read(folder, 'test', Int32Array.of(0, 1, 2, 3));
    expect([...after.labels]).toEqual([...labels.subarray(0, 3), 7]);
  });

  it('that were compressed are unpacked once, and again when they change or what came of it is gone', async () => {
    for (const part of ['train', 'test'] as const) await write('npz compressed', part);
    await openDatasets(folder);
    const cache = join(folder, '.riftlab');
    const unpacked = (await readdir(cache)).filter((file) => file.endsWith('.npy')).sort();
    expect(unpacked).toHaveLength(4);
    const before = await findDataset('own').content(folder, 'test');
    await rm(join(cache, unpacked[0] as string));
    expect(await listed('own')).toMatchObject({ state: 'PREPARING' });
    await openDatasets(folder);
    expect(await listed('own')).toMatchObject({ state: 'READY' });
    await write('npz compressed', 'test', { labels: BigInt64Array.of(1n, 1n, 1n, 299n) });
    await openDatasets(folder);
    expect((await findDataset('own').content(folder, 'test')).sha256).not.toBe(before.sha256);
    expect([...(await findDataset('own').read(folder, 'test', Int32Array.of(3, 0))).labels]).toEqual([299, 1]);
    const month = new Date(Date.now() - 30 * 86_400_000);
    const there = async () => (await readdir(cache)).filter((file) => file.endsWith('.npy'));
    expect(await there()).toHaveLength(6);
    for (const file of await readdir(cache)) await utimes(join(cache, file), month, month);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 });
    await openDatasets(folder);
    vi.useRealTimers();
    expect((await there()).filter((file) => file.startsWith('own-test')).some((file) => unpacked.includes(file))).toBe(false);
    expect(await there()).toHaveLength(4);
    expect([...(await findDataset('own').read(folder, 'test', Int32Array.of(3, 0))).labels]).toEqual([299, 1]);
  });

  const zeros = npy('|u1', [4, 5, 6, 3], new Uint8Array(360));
  const some = npy('<i8', [4], new Uint8Array(32));
  it.each<[string, Parameters<typeof makeZip>[0], RegExp]>([
    ['damaged bytes', [deflated('images.npy', zeros, { crc: 5 }), deflated('labels.npy', some)], /images of .*test\.npz is damaged/],
    ['what is no deflated data', [['images.npy', zeros, { method: 8 }], deflated('labels.npy', some)], /images(\.npy)? of .* is damaged/],
    [
      'more bytes than it names',
      [deflated('images.npy', zeros, { unpacked: 100 }), deflated('labels.npy', some)],
      /more than the 100 bytes/,
    ],
    [
      'a shape that its bytes have not, before they are written',
      [deflated('images.npy', npy('|u1', [4, 5, 6, 3], new Uint8Array(50_000_000))), deflated('labels.npy', some)],
      /has 50000000 bytes for an array of the shape \(4, 5, 6, 3\); expected 360/,
    ],
    ['another compression', [['images.npy', zeros, { method: 12 }], deflated('labels.npy', some)], /"images\.npy" is compressed/],
    ['no arrays of these names', [deflated('pictures.npy', zeros)], /test\.npz has no array images, x, X, data; it has pictures/],
    [
      'a name that leads out',
      [deflated('../images.npy', zeros), deflated('labels.npy', some)],
      /test\.npz is damaged: its zip has a member of the name/,
    ],
    [
      'an array of objects',
      [deflated('images.npy', npy('|O', [4], new Uint8Array(9))), deflated('labels.npy', some)],
      /of the type '\|O'; expected numbers/,
    ],
  ])('compressed with %s are refused, and nothing is left behind', async (_what, members, message) => {
    await write('npz', 'train');
    await writeFile(join(folder, 'own/test.npz'), makeZip(members));
    await openDatasets(folder);
    expect(await listed('own')).toMatchObject({ state: 'FAILED', hint: expect.stringMatching(message) });
    const left = (await readdir(join(folder, '.riftlab')).catch(() => [])).filter((file) => file.includes('images'));
    expect(left).toEqual([]);
  });

  it('may have labels of any whole type, in either byte order, and as a column', async () => {
    await write('npy', 'train');
    const values = [0, 2, 1, 299];
    const bigEndian = Buffer.alloc(16);
    for (const [index, value] of values.entries()) bigEndian.writeInt32BE(value, 4 * index);
    const arrays: [string, number[], Uint8Array][] = [
      ['>i4', [4], bigEndian],
      ['<u2', [4, 1], new Uint8Array(Uint16Array.from(values).buffer)],
    ];
    for (const [type, shape, bytes] of arrays) {
      await write('npy', 'test');
      await writeFile(join(folder, 'own/test_labels.npy'), npy(type, shape, bytes));
      expect(await listed('own')).toMatchObject({ state: 'READY', classes: 300 });
      expect([...(await findDataset('own').read(folder, 'test', Int32Array.of(0, 1, 2, 3))).labels]).toEqual(values);
    }
  });

  it.each<[string, string, number[], number, RegExp]>([
    ['fractions', '<f4', [4], 16, /test_labels\.npy holds values of the type f4; expected whole numbers\. .*labels\.argmax\(1\)/],
    ['one-hot rows', '|u1', [4, 300], 1200, /The labels of .* have the shape \(4, 300\); expected \(4\)\. .*labels\.argmax\(1\)/],
    ['texts', '<U5', [4], 80, /its values are of the type '<U5'; expected numbers/],
    ['another count', '|u1', [3], 3, /have the shape \(3\); expected \(4\)/],
  ])('are refused with %s as labels, with what to do', async (_what, type, shape, bytes, message) => {
    await write('npy', 'train');
    await write('npy', 'test');
    await writeFile(join(folder, 'own/test_labels.npy'), npy(type, shape, new Uint8Array(bytes)));
    expect(await listed('own')).toMatchObject({ state: 'FAILED', hint: expect.stringMatching(message) });
  });

  it('are refused with labels that count from 1', async () => {
    for (const part of ['train', 'test'] as const)
      await write('npy', part, { labels: BigInt64Array.from({ length: count[part] }, (_, index) => BigInt(1 + (index % 3))) });
    expect(await listed('own')).toMatchObject({ state: 'FAILED', hint: expect.stringContaining('subtract 1 from labels') });
  });

  it('are refused in Fortran order, with what to do', async () => {
    await write('npy', 'train');
    await write('npy', 'test');
    const path = join(folder, 'own/test_images.npy');
    await writeFile(
      path,
      Buffer.from((await readFile(path, 'latin1')).replace("'fortran_order': False", "'fortran_order': True "), 'latin1'),
    );
    expect(await listed('own')).toMatchObject({
      state: 'FAILED',
      hint: expect.stringMatching(/in Fortran order; save np\.ascontiguousarray/),
    });
  });

  it('are refused where the images of train and test differ in size', async () => {
    await write('npy', 'train');
    await write('npy', 'test', { shape: [4, 6, 5, 3] });
    expect(await listed('own')).toMatchObject({
      state: 'FAILED',
      hint: expect.stringMatching(/train are 5 x 6 x 3 in .*, those of test 6 x 5 x 3/),
    });
  });

  it.each<[string, object, RegExp]>([
    ['fractions', { type: '<f4', shape: [4, 5, 6, 3] }, /values of the type f4; expected whole numbers\. Save images as uint8/],
    ['numbers beyond a byte', { type: '<u2', shape: [2, 5, 6, 3] }, /of the type u2; expected uint8/],
    ['four channels', { shape: [3, 5, 6, 4] }, /shape \(3, 5, 6, 4\), which is none of grey or colour images/],
    ['a shape of no images', { shape: [4, 90] }, /shape \(4, 90\), which is none of grey or colour images/],
    ['fewer bytes than the shape says', { shape: [5, 5, 6, 3] }, /has 360 bytes for an array of the shape \(5, 5, 6, 3\); expected 450/],
    [
      'a label beyond those of train',
      { labels: BigInt64Array.of(0n, 300n, 0n, 1n) },
      /labels of test in .* reach 300, those of train only 299/,
    ],
    ['a label below 0', { labels: BigInt64Array.of(0n, -1n, 0n, 1n) }, /Label 1 of .* is below 0/],
  ])('are refused with %s', async (_what, changes, message) => {
    await write('npy', 'train');
    await write('npy', 'test', changes);
    expect(await listed('own')).toMatchObject({ state: 'FAILED', hint: expect.stringMatching(message) });
    await expect(findDataset('own').read(folder, 'test', first)).rejects.toBeInstanceOf(EngineError);
  });
});
