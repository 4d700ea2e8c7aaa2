/** Weights come back byte for byte, however they are kept. */
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readWeights, type Weights, writeWeights } from '../../../engine/index.ts';
import { type Artifacts, DamageError, forgetArtifact, openArtifacts } from '../../../server/store/artifacts.ts';
import { type CheckpointFile, keepWeights, openCheckpoint, recordCheckpoint } from '../../../server/store/checkpoints.ts';
import { damageOfCheckpoints } from '../../../server/store/damage.ts';
import { type FreshDatabase, freshDatabase } from '../../helpers/database.ts';

let fresh: FreshDatabase;
let folder: string;
let artifacts: Artifacts;

beforeAll(async () => {
  fresh = await freshDatabase();
  folder = await mkdtemp(join(tmpdir(), 'riftlab-test-checkpoints-'));
  artifacts = await openArtifacts(join(folder, 'artifacts'));
});
afterAll(async () => {
  await fresh.drop();
  await rm(folder, { recursive: true, force: true });
});

const tensor = (shape: number[], first: number) => ({
  shape,
  dtype: 'float32' as const,
  data: Float32Array.from({ length: shape.reduce((size, extent) => size * extent, 1) }, (_, index) => first + index / 7),
});

const base: Weights = {
  'conv1.weight': tensor([3, 3, 2, 4], 1),
  'bn1.weight': tensor([4], 1),
  'bn1.running_mean': tensor([4], 0),
  'layer1.0.conv1.weight': tensor([3, 3, 4, 4], 2),
  'linear.weight': tensor([4, 10], 3),
  'linear.bias': tensor([10], 4),
};

async function bytesOf(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function store(weights: Weights, on?: CheckpointFile) {
  const path = join(folder, 'weights.safetensors');
  const bytes = Buffer.from(writeWeights(weights));
  await writeFile(path, bytes);
  const kept = await keepWeights(artifacts, path, on);
  const about = { name: 'test', architecture: 'RESNET8', dataset: 'cifar10', variant: 'PGD_AT', trainedHere: true, producedBy: null };
  const id = await fresh.database.prisma.$transaction((transaction) => recordCheckpoint(transaction, kept, about));
  const file = await openCheckpoint(fresh.database.prisma, artifacts, id);
  if (!file) throw new Error('The checkpoint is gone.');
  return { id, kept, bytes, file };
}

describe('checkpoints', () => {
  it('describe their modules as PyTorch names and shapes them', async () => {
    const { kept } = await store(base);
    const euclidean = (data: ArrayLike<number>) => Math.sqrt(Array.from(data).reduce((sum, value) => sum + value ** 2, 0));
    expect(kept.modules.map(({ name, shape, parameters }) => ({ name, shape, parameters }))).toEqual([
      { name: 'conv1', shape: [4, 2, 3, 3], parameters: 72 },
      { name: 'layer1.0.conv1', shape: [4, 4, 3, 3], parameters: 144 },
      { name: 'linear', shape: [10, 4], parameters: 50 },
    ]);
    expect(kept.modules[2]?.norm).toBeCloseTo(euclidean(base['linear.weight']?.data ?? []), 4);
    expect(kept.parameters).toBe(72 + 4 + 144 + 50);
  });

  it('describe what the network uses, not what its official class has besides', async () => {
    const path = join(folder, 'weights.safetensors');
    const file = { ...base, 'sub_block1.layer.0.conv1.weight': tensor([3, 3, 4, 4], 2), 'sub_block1.layer.0.bn1.weight': tensor([4], 1) };
    await writeFile(path, writeWeights(file, { unused: 'sub_block1.' }));
    const kept = await keepWeights(artifacts, path);
    expect(kept.modules.map(({ name }) => name)).toEqual(['conv1', 'layer1.0.conv1', 'linear']);
    expect(kept.parameters).toBe(72 + 4 + 144 + 50);
  });

  it('come back byte for byte, whole and in any range', async () => {
    const { kept, bytes, file } = await store(base);
    expect(file.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect((await bytesOf(file.read())).equals(bytes)).toBe(true);
    expect((await bytesOf(file.read(5, 700))).equals(bytes.subarray(5, 700))).toBe(true);
    expect(kept.artifact?.sha256).toBe(file.sha256);
  });

  it('keep only what differs from their base, and chains of bases', async () => {
    const first = await store(base);
    const second = await store({ ...base, 'linear.weight': tensor([4, 10], 9) }, first.file);
    const third = await store({ ...base, 'linear.weight': tensor([4, 10], 9), 'conv1.weight': tensor([3, 3, 2, 4], 8) }, second.file);
    expect(second.kept.changedModules).toEqual(['linear']);
    expect(third.kept.changedModules).toEqual(['conv1']);
    for (const { kept, bytes, file } of [second, third]) {
      const artifact = kept.artifact ?? { sha256: '', bytes: Number.NaN };
      expect(artifact.bytes).toBeLessThan(bytes.length / 2);
      expect((await stat(await artifacts.locate(artifact.sha256))).size).toBe(artifact.bytes);
      const whole = await bytesOf(file.read());
      expect(whole.equals(bytes)).toBe(true);
      expect(createHash('sha256').update(whole).digest('hex')).toBe(kept.sha256);
      for (const [start, end] of [
        [0, 9],
        [7, 300],
        [bytes.length - 170, bytes.length],
        [600, 601],
      ] as const)
        expect((await bytesOf(file.read(start, end))).equals(bytes.subarray(start, end))).toBe(true);
    }
    expect(readWeights(new Uint8Array(await bytesOf(third.file.read())))['conv1.weight']?.data[0]).toBe(8);
  });

  it('that equal their base are the same checkpoint', async () => {
    const first = await store(base);
    const again = await store(base, first.file);
    expect([again.id, again.kept.artifact]).toEqual([first.id, null]);
    expect((await bytesOf(again.file.read())).equals(first.bytes)).toBe(true);
  });

  it('of another layout than their base are kept whole', async () => {
    const first = await store(base);
    const { 'linear.bias': _, ...rest } = base;
    expect((await store({ ...rest, 'linear.weight': tensor([4, 10], 5) }, first.file)).kept.base).toBeNull();
  });

  it('say so when their bytes are gone', async () => {
    const { id, kept } = await store({ ...base, 'linear.bias': tensor([10], 77) });
    const sha256 = kept.artifact?.sha256 ?? '';
    await rm(await artifacts.locate(sha256));
    const message = `The stored file artifacts/${sha256.slice(0, 2)}/${sha256.slice(2)} is missing.`;
    await expect(openCheckpoint(fresh.database.prisma, artifacts, id)).rejects.toThrow(message);
    expect(await damageOfCheckpoints(fresh.database, [id])).toEqual([{ id, damage: message }]);
    expect(await openCheckpoint(fresh.database.prisma, artifacts, id + 1000)).toBeUndefined();
  });

  it('are refused with the file while a bit of it, or of what they differ from, is another', async () => {
    const first = await store({ ...base, 'linear.bias': tensor([10], 55) });
    const second = await store({ ...base, 'linear.bias': tensor([10], 56) }, first.file);
    const path = await artifacts.locate(first.kept.artifact?.sha256 ?? '');
    const right = await readFile(path);
    const { atime, mtime } = await stat(path);
    const wrong = Buffer.from(right);
    wrong[wrong.length - 1] = (wrong[wrong.length - 1] as number) ^ 1;
    await writeFile(path, wrong);
    await utimes(path, atime, mtime);
    for (const { id } of [first, second])
      await expect(openCheckpoint(fresh.database.prisma, artifacts, id)).rejects.toThrow(/The stored file artifacts.* is damaged/);
    expect((await damageOfCheckpoints(fresh.database, [first.id, second.id])).map(({ id }) => id).sort()).toEqual([first.id, second.id]);
    await expect(bytesOf(first.file.read())).rejects.toThrow(DamageError);
    await writeFile(path, right);
    expect(
      (await bytesOf((await openCheckpoint(fresh.database.prisma, artifacts, second.id))?.read() as Readable)).equals(second.bytes),
    ).toBe(true);
    expect(await damageOfCheckpoints(fresh.database, [first.id, second.id])).toEqual([]);
  });

  it('are not kept when their header claims what is not there', async () => {
    const path = join(folder, 'weights.safetensors');
    for (const [name, change] of [
      ['ends before its data', (bytes: Buffer) => bytes.subarray(0, bytes.length - 4)],
      ['has bytes after its data', (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(4)])],
      ['places a tensor over another', (bytes: Buffer) => Buffer.from(bytes.toString('latin1').replace('[0,288]', '[4,288]'), 'latin1')],
    ] as const) {
      await writeFile(path, change(Buffer.from(writeWeights(base))));
      await expect(keepWeights(artifacts, path), name).rejects.toThrow('Not a valid safetensors file');
    }
  });
});

describe('artifacts', () => {
  it('are forgotten only when nothing refers to them', async () => {
    const { kept } = await store(base);
    await forgetArtifact(fresh.database.prisma, artifacts, kept.artifact?.sha256 ?? '');
    await artifacts.locate(kept.artifact?.sha256 ?? '');
    const { sha256, bytes } = await artifacts.add([Buffer.from('resume')]);
    await fresh.database.prisma.artifact.create({ data: { sha256, bytes } });
    await forgetArtifact(fresh.database.prisma, artifacts, sha256);
    await expect(artifacts.locate(sha256)).rejects.toThrow('missing');
  });

  it('leave nothing behind when their source fails', async () => {
    async function* broken() {
      yield Buffer.from('half');
      throw new Error('cut');
    }
    await expect(artifacts.add(broken())).rejects.toThrow('cut');
    expect((await readdir(artifacts.folder)).filter((name) => name.startsWith('incoming'))).toEqual([]);
  });
});
