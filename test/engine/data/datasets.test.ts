import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findDataset, listDatasets } from '../../../engine/data/catalogue.ts';
import { cifar10 } from '../../../engine/data/cifar10.ts';
import { mnist } from '../../../engine/data/mnist.ts';
import { loadSplit, splitContent } from '../../../engine/data/splits.ts';
import { EngineError } from '../../../engine/errors.ts';
import { bytesOf } from '../synthetic.ts';

const recordBytes = 3073;
const fileBytes = 10_000 * recordBytes;
const first = Int32Array.of(0);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'riftlab-data-'));
  await mkdir(join(folder, 'cifar-10-batches-bin'));
});
afterEach(() => rm(folder, { recursive: true }));

const path = (file: string) => join(folder, 'cifar-10-batches-bin', file);
const readTest = () => cifar10.read(folder, 'test', first);

describe('the catalogue', () => {
  it('finds datasets however they are written, and says what there is instead', () => {
    for (const name of ['cifar10', 'CIFAR-10', 'Cifar_10']) expect(findDataset(name)).toBe(cifar10);
    expect(findDataset('MNIST')).toBe(mnist);
    expect(() => findDataset('imagenet')).toThrow(EngineError);
    expect(() => findDataset('imagenet')).toThrow(/imagenet/);
  });

  it('lists what is ready, missing and broken', async () => {
    const listed = async () => Object.fromEntries((await listDatasets(folder)).map((listing) => [listing.name, listing]));
    const before = await listed();
    expect(before.mnist).toMatchObject({ state: 'READY', classes: 10, shape: [28, 28, 1] });
    expect(before.mnist?.splits).toEqual([
      { name: 'train', images: 54_000 },
      { name: 'holdout', images: 6_000 },
      { name: 'test', images: 10_000 },
    ]);
    expect(before.mnist?.hint).toBeUndefined();
    expect(before.cifar10?.state).toBe('MISSING');
    expect(before.cifar10?.hint).toContain(path('test_batch.bin'));
    await writeFile(path('data_batch_3.bin'), new Uint8Array(17));
    const after = await listed();
    expect(after.cifar10?.state).toBe('FAILED');
    expect(after.cifar10?.hint).toContain(`${path('data_batch_3.bin')} ends at byte 17; expected exactly ${fileBytes} bytes.`);
  });
});

describe('the content of a split', () => {
  it('is known to be the official one', async () => {
    for (const split of ['train', 'holdout', 'test'] as const) expect((await splitContent(mnist, '', split)).official).toBe(true);
    const hashes = await Promise.all((['train', 'holdout', 'test'] as const).map((split) => splitContent(mnist, '', split)));
    expect(new Set(hashes.map(({ sha256 }) => sha256)).size).toBe(3);
    for (const { sha256 } of hashes) expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it('is another when a byte of it is, and then no longer official; other splits keep theirs', async () => {
    const bytes = new Uint8Array(fileBytes);
    for (const number of [1, 2, 3, 4, 5]) await writeFile(path(`data_batch_${number}.bin`), bytes);
    await writeFile(path('test_batch.bin'), bytes);
    const contents = async () => Promise.all((['train', 'holdout', 'test'] as const).map((split) => splitContent(cifar10, folder, split)));
    const before = await contents();
    expect(before.map(({ official }) => official)).toEqual([false, false, false]);
    expect(await contents()).toEqual(before);
    bytes[fileBytes - 1] = 1;
    await writeFile(path('test_batch.bin'), bytes);
    const after = await contents();
    expect(after.slice(0, 2)).toEqual(before.slice(0, 2));
    expect(after[2]?.sha256).not.toBe(before[2]?.sha256);
    const set = await loadSplit(cifar10, folder, { split: 'test', protocol: 'HOLD_OUT', trainedHere: true, images: 3 });
    expect(set.source).toEqual({ dataset: 'cifar10', name: 'test', sha256: after[2]?.sha256, official: false });
    await rm(path('data_batch_2.bin'));
    await expect(splitContent(cifar10, folder, 'holdout')).rejects.toThrow(`${path('data_batch_2.bin')} is missing.`);
  });
});

describe('CIFAR-10 files', () => {
  it('interleave channels and keep labels in the asked order', async () => {
    const bytes = new Uint8Array(fileBytes);
    bytes.set([3, 10, 11], 5 * recordBytes);
    bytes[5 * recordBytes + 1 + 1024] = 20;
    bytes[5 * recordBytes + 1 + 2048] = 30;
    bytes[9999 * recordBytes] = 9;
    await writeFile(path('test_batch.bin'), bytes);
    const { pixels, labels } = await cifar10.read(folder, 'test', Int32Array.of(9999, 5));
    expect([...labels]).toEqual([9, 3]);
    expect([...bytesOf({ pixels, count: 2 }).slice(3072, 3076)]).toEqual([10, 20, 30, 11]);
  });

  it('fail with the file and where it ends when cut off or too long', async () => {
    await writeFile(path('test_batch.bin'), new Uint8Array(5000));
    await expect(readTest()).rejects.toThrow(`${path('test_batch.bin')} ends at byte 5000; expected exactly ${fileBytes} bytes.`);
    await writeFile(path('test_batch.bin'), new Uint8Array(fileBytes + 2));
    await expect(readTest()).rejects.toThrow(`has 2 bytes after byte ${fileBytes}`);
  });

  it('fail with file, offset and what was expected at a wrong label, wherever it lies', async () => {
    const bytes = new Uint8Array(fileBytes);
    bytes[1234 * recordBytes] = 77;
    await writeFile(path('test_batch.bin'), bytes);
    const message = `${path('test_batch.bin')} is corrupt at byte ${1234 * recordBytes}: the label is 77, expected 0 to 9.`;
    await expect(readTest()).rejects.toThrow(message);
    await expect(readTest()).rejects.toBeInstanceOf(EngineError);
  });

  it('fail with what to do when missing', async () => {
    const failure = await readTest().catch((error: unknown) => error as EngineError);
    expect(failure).toBeInstanceOf(EngineError);
    expect((failure as EngineError).message).toBe(`${path('test_batch.bin')} is missing.`);
    expect((failure as EngineError).hint).toContain('cifar-10-binary.tar.gz');
  });
});

describe('MNIST', () => {
  it('has the official first images', async () => {
    const { pixels, labels } = await mnist.read('', 'test', Int32Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
    expect([...labels]).toEqual([7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
    expect(pixels.imageBytes).toBe(784);
    const bytes = bytesOf({ pixels, count: 10 });
    expect(Math.max(...bytes.subarray(0, 784))).toBe(255);
    expect([...bytes.subarray(0, 28)]).toEqual(new Array(28).fill(0));
  });
});
