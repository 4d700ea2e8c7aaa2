import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cifar10 } from '../../../engine/data/cifar10.ts';
import { corruptedSet } from '../../../engine/data/corrupted-set.ts';
import { loadSplit } from '../../../engine/data/splits.ts';
import { protocolOf } from '../../../engine/evaluation/protocol.ts';
import { bytesOf } from '../synthetic.ts';
import { npy } from './npy.ts';

const cell = { corruption: 'fog', severity: 3 } as const;
const wanted = { split: 'test', protocol: 'PAPER', trainedHere: true, images: 2 } as const;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'riftlab-c-'));
  await mkdir(join(folder, 'cifar-10-batches-bin'));
  await mkdir(join(folder, 'CIFAR-10-C'));
  await writeFile(join(folder, 'cifar-10-batches-bin', 'test_batch.bin'), new Uint8Array(10_000 * 3073).fill(1));
  await writeFile(join(folder, 'CIFAR-10-C', 'labels.npy'), npy('|u1', [50_000], new Uint8Array(50_000).fill(1)));
  const file = await open(join(folder, 'CIFAR-10-C', 'fog.npy'), 'w');
  const head = npy('|u1', [50_000, 32, 32, 3], new Uint8Array());
  await file.write(head);
  await file.write(Uint8Array.of(7, 8, 9), 0, 3, head.length + 20_001 * 3072);
  await file.truncate(head.length + 50_000 * 3072);
  await file.close();
});
afterAll(() => rm(folder, { recursive: true }));

it('takes published images where they lie in the folder, and its protocol says so', async () => {
  const clean = await loadSplit(cifar10, folder, wanted);
  const set = await corruptedSet(cifar10, folder, clean, cell);
  expect([...bytesOf(set).subarray(3072, 3076)]).toEqual([7, 8, 9, 0]);
  const measurement = { suite: 'OOD' as const, ...cell };
  const published = protocolOf(measurement, set);
  expect(published.text).toMatch(/^ood: fog severity 3; cifar10 test\[0:2\].*, corruption of CIFAR-10-C of sha256 [0-9a-f]{12}$/);
  const elsewhere = await corruptedSet(cifar10, '', clean, cell);
  const computed = protocolOf(measurement, elsewhere);
  expect(computed.text).toMatch(/, corruption computed here$/);
  expect(computed.fingerprint).not.toBe(published.fingerprint);
  const snow = await corruptedSet(cifar10, folder, clean, { corruption: 'snow', severity: 1 });
  expect(snow.source.corrupted?.by).toBe('computed here');
});

it('refuses published images of other labels and of another shape', async () => {
  const clean = await loadSplit(cifar10, folder, wanted);
  const other = { ...clean, labels: Int32Array.of(1, 4) };
  await expect(corruptedSet(cifar10, folder, other, cell)).rejects.toThrow('CIFAR-10-C has the label 1 for test image 1, cifar10 has 4');
  await writeFile(join(folder, 'CIFAR-10-C', 'snow.npy'), npy('|u1', [10, 32, 32, 3], new Uint8Array(10 * 3072)));
  await expect(corruptedSet(cifar10, folder, clean, { corruption: 'snow', severity: 1 })).rejects.toThrow(
    'has the shape (10, 32, 32, 3); expected (50000, 32, 32, 3)',
  );
});
