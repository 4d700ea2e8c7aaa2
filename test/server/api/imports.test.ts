/** A file from elsewhere becomes a checkpoint that computes what it computed there, or is refused and leaves nothing behind. */
import { createHash } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cifar10 } from '../../../engine/data/cifar10.ts';
import { mnist } from '../../../engine/data/mnist.ts';
import { writeCheckpoint } from '../../../engine/index.ts';
import { buildNetwork } from '../../../engine/models/architectures.ts';
import { initialWeights } from '../../../engine/weights/initial.ts';
import { parseSafetensors } from '../../../engine/weights/safetensors.ts';
import { readWeights, toOfficial } from '../../../engine/weights/state-dict.ts';
import type { Weights } from '../../../engine/weights/weights.ts';
import { keepWeights, openCheckpoint, recordCheckpoint } from '../../../server/store/checkpoints.ts';
import { type Storages, Tensor, torchLegacy, torchZip } from '../../helpers/torch-file.ts';
import { startLab, type TestLab } from './lab.ts';

let lab: TestLab;
let folder: string;

beforeAll(async () => {
  lab = await startLab();
  folder = join(lab.data, 'uploads');
});
afterAll(() => lab.close());

const weights = initialWeights(buildNetwork('SMALL_CNN', {}, mnist), 3);

/** A state dict and its storages, as torch.save takes them. */
function stateDict(of: Weights, prefix = '') {
  const storages: Storages = {};
  const entries = Object.entries(of).map(([name, array], index) => {
    const { shape, bytes } = toOfficial(array);
    storages[String(index)] = bytes;
    return [prefix + name, new Tensor({ storage: String(index), shape })] as const;
  });
  return { dict: Object.fromEntries(entries), storages };
}

async function upload(bytes: Uint8Array, token = lab.member): Promise<string> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${lab.address}/api/uploads`, { method: 'PUT', body: bytes as Uint8Array<ArrayBuffer>, headers });
  return ((await response.json()) as { upload: string }).upload;
}

const mutation = `mutation ($input: ImportCheckpointInput!) { importCheckpoint(input: $input) {
  id name sha256 format architecture dataset variant trainedHere parameters producedBy { id } modules { name } url } }`;
const query = `query ($input: ImportCheckpointInput!) { previewImport(input: $input) { problem { message path } found {
  format stateDict otherStateDicts architecture architectureOptions network normalisation { mean sd } dataset otherDatasets variant parameters } } }`;
const importUpload = (input: object, token = lab.member) => lab.ask(mutation, { input }, token);
const importNoted = (input: object) => lab.ask(mutation.replace('name', 'name importNote'), { input }, lab.member);
const preview = (input: object, token = lab.member) => lab.ask(query, { input }, token);
const importBytes = async (bytes: Uint8Array, input: object = {}) => importUpload({ upload: await upload(bytes), ...input });
const download = async (id: string) => {
  const response = await fetch(`${lab.address}/api/checkpoints/${id}`, { headers: { authorization: `Bearer ${lab.viewer}` } });
  return new Uint8Array(await response.arrayBuffer());
};

/** Of every tensor's values: a matcher takes seconds over the values themselves. */
const hashesOf = (of: Weights) =>
  Object.fromEntries(Object.entries(of).map(([name, { data }]) => [name, createHash('sha256').update(data).digest('hex')]));

/** Everything that is kept, by path, so that a difference names what was left. */
const kept = async () => (await readdir(lab.data, { recursive: true })).sort();

describe('an upload', () => {
  it.each<[string, (of: ReturnType<typeof stateDict>) => Uint8Array, string, string]>([
    ['of PyTorch', ({ dict, storages }) => torchZip(dict, storages), 'pytorch', ''],
    [
      'of PyTorch before 1.6, inside a dict',
      ({ dict, storages }) => torchLegacy({ epoch: 3, state_dict: dict }, storages),
      'pytorch-legacy',
      'state_dict',
    ],
  ])('%s becomes a checkpoint with every value', async (_what, write, format, place) => {
    const other = initialWeights(buildNetwork('SMALL_CNN', {}, mnist), format.length);
    const id = await upload(write(stateDict(other, 'module.')));
    const seen = await preview({ upload: id });
    expect(seen.data.previewImport).toEqual({
      problem: null,
      found: {
        ...{ format, stateDict: place, otherStateDicts: [], architecture: 'SMALL_CNN', architectureOptions: {}, network: 'Small CNN' },
        ...{ normalisation: { mean: [0], sd: [1] }, dataset: 'mnist', otherDatasets: [], variant: null, parameters: 312_202 },
      },
    });
    const { data, errors } = await importUpload({ upload: id, name: '  from elsewhere ', variant: 'STANDARD' });
    expect(errors).toEqual([]);
    expect(data.importCheckpoint).toMatchObject({
      ...{ name: 'from elsewhere', format, architecture: 'SMALL_CNN', dataset: 'mnist', variant: 'STANDARD' },
      ...{ trainedHere: false, parameters: 312_202, producedBy: null },
    });
    expect(data.importCheckpoint.modules).toHaveLength(7);
    expect(hashesOf(readWeights(await download(data.importCheckpoint.id)))).toEqual(hashesOf(other));
    const again = await importUpload({ upload: id, name: 'another name', variant: 'STANDARD' });
    expect(again.data.importCheckpoint).toEqual(data.importCheckpoint);
    expect(await readdir(folder)).toEqual([]);
  });

  it('sent again as another upload is the same checkpoint, and our own download too', async () => {
    const own = initialWeights(buildNetwork('SMALL_CNN', {}, mnist), 4);
    const file = writeCheckpoint({ architecture: 'SMALL_CNN', dataset: 'mnist', variant: 'PGD_AT' }, own);
    const first = (await importBytes(file)).data.importCheckpoint;
    expect(first).toMatchObject({ format: 'safetensors', variant: 'PGD_AT', sha256: createHash('sha256').update(file).digest('hex') });
    const before = await kept();
    expect((await importBytes(file)).data.importCheckpoint).toEqual(first);
    expect((await importBytes(await download(first.id))).data.importCheckpoint).toEqual(first);
    const { dict, storages } = stateDict(own);
    expect((await importBytes(torchZip(dict, storages), { variant: 'PGD_AT' })).data.importCheckpoint).toEqual(first);
    expect(await kept()).toEqual(before);
  });

  it('of weights that are here already says as what, and what was not taken', async () => {
    const own = initialWeights(buildNetwork('SMALL_CNN', {}, mnist), 5);
    const file = writeCheckpoint({ architecture: 'SMALL_CNN', dataset: 'mnist' }, own);
    const ask = async (id: string, name?: string) => (await importNoted({ upload: id, name })).data.importCheckpoint;
    const first = await ask(await upload(file), 'first');
    expect(first.importNote).toBeNull();
    const id = await upload(file);
    const note = `These weights are here already as ${first.id}, "first" (the same SHA-256, ${first.sha256.slice(0, 12)}…): it was kept with its name and all that is recorded of it`;
    const other = { ...first, importNote: `${note}, and not called "second".` };
    expect([await ask(id, 'second'), await ask(id, 'second')]).toEqual([other, other]);
    expect((await ask(await upload(file), 'first')).importNote).toBe(`${note}.`);
    expect((await ask(await upload(file))).importNote).toBe(`${note}.`);
  });

  it('of our own download of fine-tuned weights, kept as what changed, is the same checkpoint too', async () => {
    const own = initialWeights(buildNetwork('SMALL_CNN', {}, mnist), 9);
    const about = { architecture: 'SMALL_CNN' as const, dataset: 'mnist', variant: 'PGD_AT' };
    const base = (await importBytes(writeCheckpoint(about, own))).data.importCheckpoint;
    const changed = { ...own, 'classifier.fc3.bias': { shape: [10], dtype: 'float32' as const, data: new Float32Array(10).fill(0.5) } };
    const path = join(lab.data, 'tuned');
    await writeFile(path, writeCheckpoint(about, changed));
    const { prisma } = lab.database;
    const kept = await keepWeights(lab.artifacts, path, await openCheckpoint(prisma, lab.artifacts, Number(base.id.slice(11))));
    expect(kept.changedModules).toEqual(['classifier.fc3']);
    const row = { name: 'tuned', ...about, trainedHere: true, producedBy: null };
    const id = await prisma.$transaction((transaction) => recordCheckpoint(transaction, kept, row));
    const { data } = await importBytes(await download(`Checkpoint-${id}`));
    expect(data.importCheckpoint).toMatchObject({ id: `Checkpoint-${id}`, name: 'tuned', trainedHere: true });
  });

  describe('of a checkpoint whose stored file is damaged', () => {
    const damageOf = async (id: string) => (await lab.ask(`{ checkpoint(id: "${id}") { damage } }`)).data.checkpoint.damage;
    const fileOf = async (id: string) => {
      const { artifactSha256 } = await lab.database.prisma.checkpoint.findUniqueOrThrow({ where: { id: Number(id.slice(11)) } });
      return join(lab.artifacts.folder, artifactSha256.slice(0, 2), artifactSha256.slice(2));
    };
    /** Changes a byte in the middle, or takes the file away, and has that noticed. */
    async function spoil(id: string, how: 'other bytes' | 'no file'): Promise<void> {
      const path = await fileOf(id);
      if (how === 'no file') await rm(path);
      else {
        const bytes = await readFile(path);
        bytes[bytes.length - 5] = (bytes[bytes.length - 5] as number) ^ 1;
        await writeFile(path, bytes);
      }
      const response = await fetch(`${lab.address}/api/checkpoints/${id}`, { headers: { authorization: `Bearer ${lab.viewer}` } });
      expect(response.ok).toBe(false);
      expect(await damageOf(id)).toMatch(how === 'no file' ? /is missing/ : /is damaged/);
    }

    it.each(['other bytes', 'no file'] as const)('makes it whole again: %s', async (how) => {
      const file = writeCheckpoint(
        { architecture: 'SMALL_CNN', dataset: 'mnist' },
        initialWeights(buildNetwork('SMALL_CNN', {}, mnist), 40),
      );
      const { id } = (await importBytes(file)).data.importCheckpoint;
      await spoil(id, how);
      const again = (await importNoted({ upload: await upload(file) })).data.importCheckpoint;
      expect(again).toMatchObject({ id, importNote: expect.stringMatching(/damaged, are whole again\.$/) });
      expect(await damageOf(id)).toBeNull();
      expect(Buffer.from(await download(id)).equals(file)).toBe(true);
    });

    it('makes whole what is stored as a difference to another, and says which file it needs first', async () => {
      const about = { architecture: 'SMALL_CNN' as const, dataset: 'mnist' };
      const own = initialWeights(buildNetwork('SMALL_CNN', {}, mnist), 41);
      const whole = writeCheckpoint(about, own);
      const base = (await importBytes(whole)).data.importCheckpoint;
      const changed = { ...own, 'classifier.fc3.bias': { shape: [10], dtype: 'float32' as const, data: new Float32Array(10).fill(0.25) } };
      const tunedFile = writeCheckpoint(about, changed);
      const path = join(lab.data, 'tuned again');
      await writeFile(path, tunedFile);
      const { prisma } = lab.database;
      const weights = await keepWeights(lab.artifacts, path, await openCheckpoint(prisma, lab.artifacts, Number(base.id.slice(11))));
      const row = { name: 'tuned', ...about, variant: null, trainedHere: false, producedBy: null };
      const tuned = `Checkpoint-${await prisma.$transaction((transaction) => recordCheckpoint(transaction, weights, row))}`;
      await spoil(tuned, 'other bytes');
      expect((await importBytes(tunedFile)).data.importCheckpoint.id).toBe(tuned);
      expect(Buffer.from(await download(tuned)).equals(tunedFile)).toBe(true);
      await spoil(base.id, 'no file');
      const { errors } = await importBytes(tunedFile);
      expect(errors[0]?.message).toMatch(/stored as its difference to a checkpoint that is damaged itself: import that one first/);
      expect((await importBytes(whole)).data.importCheckpoint.id).toBe(base.id);
      expect(Buffer.from(await download(tuned)).equals(tunedFile)).toBe(true);
    });
  });

  it('that has become one is not another by other settings', async () => {
    const { dict, storages } = stateDict(weights);
    const id = await upload(torchZip(dict, storages));
    expect((await importUpload({ upload: id })).errors).toEqual([]);
    const { errors } = await importUpload({ upload: id, variant: 'PGD_AT' });
    expect(errors[0]).toMatchObject({ extensions: { code: 'CONFLICT', path: ['input', 'upload'] } });
    expect(errors[0]?.message).toMatch(/has become Checkpoint-\d+/);
  });

  it('may hold weights in several places, of which the caller names one', async () => {
    const [one, ema] = [
      stateDict(initialWeights(buildNetwork('SMALL_CNN', {}, mnist), 5)),
      initialWeights(buildNetwork('SMALL_CNN', {}, mnist), 6),
    ];
    const smooth = stateDict(ema);
    const storages = { ...one.storages, ...Object.fromEntries(Object.entries(smooth.storages).map(([key, bytes]) => [`e${key}`, bytes])) };
    const dict = Object.fromEntries(
      Object.entries(smooth.dict).map(([name, { about }]) => [name, new Tensor({ ...about, storage: `e${about.storage}` })]),
    );
    const id = await upload(torchZip({ model: one.dict, ema: { state_dict: dict } }, storages));
    expect((await preview({ upload: id })).data.previewImport.found).toMatchObject({
      stateDict: 'model',
      otherStateDicts: ['ema.state_dict'],
    });
    const wrong = await importUpload({ upload: id, stateDict: 'ema' });
    expect(wrong.errors[0]).toMatchObject({
      message: 'The checkpoint has no weights at "ema". It has some at "model", "ema.state_dict".',
      extensions: { code: 'BAD_USER_INPUT', path: ['input', 'stateDict'] },
    });
    const { data } = await importUpload({ upload: id, stateDict: 'ema.state_dict' });
    expect(hashesOf(readWeights(await download(data.importCheckpoint.id)))).toEqual(hashesOf(ema));
  });

  it('is its owner’s, a member’s, and whole', async () => {
    const { dict, storages } = stateDict(weights);
    const file = torchZip(dict, storages);
    const id = await upload(file);
    expect((await importUpload({ upload: id }, lab.viewer)).errors[0]?.extensions.code).toBe('FORBIDDEN');
    expect((await preview({ upload: id }, lab.viewer)).errors[0]?.extensions.code).toBe('FORBIDDEN');
    for (const other of ['Upload-99999', 'nonsense', '../../etc/passwd', ''])
      expect((await importUpload({ upload: other })).errors[0]?.extensions).toMatchObject({ code: 'NOT_FOUND', path: ['input', 'upload'] });
    expect((await importUpload({ upload: id }, lab.admin)).errors[0]?.extensions).toMatchObject({ code: 'NOT_FOUND' });
    expect((await importUpload({ upload: 'Checkpoint-1' })).errors[0]?.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      path: ['input', 'upload'],
    });
    const headers = { authorization: `Bearer ${lab.member}`, 'content-range': `bytes 0-99/${file.length}` };
    const response = await fetch(`${lab.address}/api/uploads`, { method: 'PUT', body: new Uint8Array(file.subarray(0, 100)), headers });
    const { upload: half } = (await response.json()) as { upload: string };
    expect((await importUpload({ upload: half })).errors[0]).toMatchObject({
      extensions: { code: 'BAD_USER_INPUT', path: ['input', 'upload'] },
    });
  });

  it('is in the audit record with who imported it', async () => {
    const { dict, storages } = stateDict(initialWeights(buildNetwork('SMALL_CNN', {}, mnist), 7));
    const { data } = await importBytes(torchZip(dict, storages), { name: 'noted' });
    const [row] = await lab.database.prisma.auditRecord.findMany({
      where: { action: 'importCheckpoint' },
      orderBy: { id: 'desc' },
      take: 1,
    });
    expect(row).toMatchObject({
      target: data.importCheckpoint.id,
      arguments: { name: 'noted', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
  });
});

describe('what the caller says of the network', () => {
  const cifar = { mean: [0.485, 0.456, 0.406], sd: [0.229, 0.224, 0.225] };
  const resnet = () => stateDict(initialWeights(buildNetwork('RESNET_CIFAR', { depth: 20 }, cifar10), 8), 'module.');

  it('is kept with it: options of the architecture and a normalisation of its own', async () => {
    const { dict, storages } = resnet();
    const { data, errors } = await importBytes(torchZip({ state_dict: dict }, storages), {
      ...{ architecture: 'RESNET_CIFAR', architectureOptions: { depth: 20 }, dataset: 'CIFAR-10', normalisation: cifar },
    });
    expect(errors).toEqual([]);
    const { id } = data.importCheckpoint;
    const asked = await lab.ask(`{ checkpoint(id: "${id}") { architecture architectureOptions normalisation { mean sd } dataset } }`);
    const about = { architecture: 'RESNET_CIFAR', architectureOptions: { depth: 20 }, normalisation: cifar, dataset: 'cifar10' };
    expect(asked.data.checkpoint).toEqual(about);
    const file = await download(id);
    expect(parseSafetensors(file).metadata).toMatchObject({ normalisation: JSON.stringify(cifar), architectureOptions: '{"depth":20}' });
    const seen = await preview({ upload: await upload(file) });
    expect(seen.data.previewImport.found).toMatchObject({ ...about, format: 'safetensors' });
    expect((await importBytes(file)).data.importCheckpoint).toEqual(data.importCheckpoint);
    const other = await importBytes(file, { normalisation: { mean: [0, 0, 0], sd: [1, 1, 1] } });
    expect(other.data.importCheckpoint.id).not.toBe(id);
  });

  let refused: string;
  beforeAll(async () => {
    const { dict, storages } = resnet();
    refused = await upload(torchZip({ state_dict: dict }, storages));
  });

  it.each<[string, object, (string | number)[], RegExp]>([
    ['another architecture', { architecture: 'RESNET18' }, ['architecture'], /not those of RESNET18/],
    ['another depth', { architecture: 'RESNET_CIFAR', architectureOptions: { depth: 32 } }, ['architecture'], /not those of RESNET_CIFAR/],
    ['a depth that none has', { architecture: 'RESNET_CIFAR', architectureOptions: { depth: 21 } }, ['architectureOptions', 'depth'], /20/],
    ['an option that is none', { architecture: 'RESNET18', architectureOptions: { depth: 2 } }, ['architectureOptions', 'depth'], /depth/],
    ['options of no architecture', { architectureOptions: { depth: 20 } }, ['architectureOptions'], /Name the architecture/],
    ['another dataset', { dataset: 'mnist' }, ['architecture'], /mnist/],
    ['a dataset that is none', { dataset: 'nonesuch' }, ['dataset'], /no dataset "nonesuch"/],
    ['a normalisation of one channel', { normalisation: { mean: [0.5], sd: [0.5] } }, ['normalisation'], /1 channels; the images have 3/],
    ['a normalisation of two lengths', { normalisation: { mean: [0.5, 1], sd: [0.5] } }, ['normalisation', 'sd'], /as many as in mean/],
    ['a deviation of zero', { normalisation: { mean: [0, 0, 0], sd: [1, 0, 1] } }, ['normalisation', 'sd', 1], /more than 0/],
    ['a place that is none', { stateDict: 'model' }, ['stateDict'], /no weights at "model".*"state_dict"/],
  ])('is refused where it is wrong, and the upload stays: %s', async (_what, said, path, message) => {
    const named =
      'architecture' in said || 'architectureOptions' in said ? {} : { architecture: 'RESNET_CIFAR', architectureOptions: { depth: 20 } };
    const { errors } = await importUpload({ upload: refused, ...named, ...said });
    expect(errors[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT', path: ['input', ...path] } });
    expect(errors[0]?.message).toMatch(message);
    expect(await readdir(folder)).toContain(refused.replace('Upload-', ''));
  });
});
