/** Hostile and broken files through the whole way in: each is refused in words, and nothing of it is left. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mnist } from '../../../engine/data/mnist.ts';
import { buildNetwork } from '../../../engine/models/architectures.ts';
import { writeCheckpoint } from '../../../engine/weights/checkpoint-file.ts';
import { initialWeights } from '../../../engine/weights/initial.ts';
import { toOfficial } from '../../../engine/weights/state-dict.ts';
import { hostileFiles } from '../../helpers/hostile-files.ts';
import { Raw, type Storages, Tensor, torchLegacy, torchZip } from '../../helpers/torch-file.ts';
import { makeZip, type ZipClaims } from '../../helpers/zip.ts';
import { type Answer, startLab, type TestLab } from './lab.ts';

let lab: TestLab;

beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.close());

const network = buildNetwork('SMALL_CNN', {}, mnist);
const weights = initialWeights(network, 0);
const names = Object.keys(weights);
const last = names.length - 1;

/** A file that would be taken, but for what is changed about it. */
function torch({
  write = torchZip as (dict: object, storages: Storages) => Uint8Array,
  change = (dict: Record<string, unknown>) => dict,
  values = (_name: string, floats: Float32Array) => floats as Float32Array | Float64Array,
  type = undefined as string | undefined,
  claims = {} as Record<string, ZipClaims>,
} = {}): Uint8Array {
  const storages: Storages = {};
  const entries = Object.entries(weights).map(([name, array], index) => {
    const { shape, bytes } = toOfficial(array);
    const { buffer, byteOffset, byteLength } = values(name, new Float32Array(bytes.slice().buffer));
    storages[String(index)] = new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
    return [name, new Tensor({ storage: String(index), shape, ...(type && { type }) })] as const;
  });
  const dict = change(Object.fromEntries(entries));
  return Object.keys(claims).length > 0 ? torchZip(dict, storages, [], claims) : write(dict, storages);
}

const at = (index: number, value: number) => (name: string, floats: Float32Array) => {
  if (name === names[last]) floats[index] = value;
  return floats;
};
const whole = torch();
const old = torch({ write: torchLegacy });
const safe = writeCheckpoint({ architecture: 'SMALL_CNN', dataset: 'mnist' }, weights);

/** A safetensors file with another header. */
function header(json: unknown, dataBytes = 24): Buffer {
  const text = Buffer.from(typeof json === 'string' ? json : JSON.stringify(json));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, Buffer.alloc(dataBytes)]);
}
const entry = (about: object) => header({ w: { dtype: 'F32', shape: [2, 3], data_offsets: [0, 24], ...about } });
const bomb = deflateRawSync(Buffer.alloc(20_000_000));

/** Lists in lists, as deep as it goes, and dicts that hold one another many times over. */
const deep = Buffer.concat([Buffer.alloc(100_000, ']'), Buffer.alloc(99_999, 'a')]);
const circles = Buffer.concat([
  Buffer.from(']q\0'),
  ...Array.from({ length: 200 }, (_, index) =>
    Buffer.concat([Buffer.from([0x5d, 0x71, index + 1]), ...Array(10).fill(Buffer.from([0x68, index, 0x61]))]),
  ),
  ...Array(200).fill(Buffer.from('0')),
]);

const broken: [string, Uint8Array, RegExp][] = [
  ['a zip without its last byte', whole.subarray(0, -1), /directory is missing/],
  ['a zip without its second half', whole.subarray(0, whole.length / 2), /directory is missing/],
  ['a zip of its first bytes', whole.subarray(0, 100), /directory is missing/],
  ['four bytes of a zip', whole.subarray(0, 4), /cut off|directory|asked for/],
  ['an old file without its last byte', old.subarray(0, -1), /cut off|asked for/],
  ['an old file without its second half', old.subarray(0, old.length / 2), /cut off|asked for/],
  ['an old file of its first bytes', old.subarray(0, 40), /cut off/],
  ['a safetensors file without its last byte', safe.subarray(0, -1), /ends at data byte/],
  ['a safetensors file without its second half', safe.subarray(0, safe.length / 2), /ends at data byte/],
  ['a safetensors file of its header', safe.subarray(0, 300), /header ends at byte/],
  ['a safetensors file with more behind it', Buffer.concat([safe, Buffer.alloc(3)]), /3 bytes follow/],
  ['one byte', Buffer.from([0x7b]), /neither a PyTorch checkpoint nor safetensors/],
  ['zeros', Buffer.alloc(10_000), /neither a PyTorch checkpoint nor safetensors/],
  ['a page', Buffer.from('<!doctype html><title>404: not found</title>'), /neither a PyTorch checkpoint nor safetensors/],
  ['a pointer of Git LFS', Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n'), /neither|Git LFS/],
  ['NaN among its weights', torch({ values: at(2, Number.NaN) }), /classifier\.fc3\.bias holds NaN at entry 2 of 10/],
  ['infinity among its weights', torch({ values: at(0, Number.POSITIVE_INFINITY) }), /fc3\.bias holds Infinity/],
  [
    'a value that float32 has no room for',
    torch({ type: 'DoubleStorage', values: (_name, floats) => Float64Array.from(floats, () => 1e300) }),
    /holds Infinity/,
  ],
  ['bytes that changed on their way', torch({ claims: { [String(last)]: { crc: 1 } } }), /other bytes than were written/],
  [
    'a compressed member that unpacks to 20 MB',
    makeZip([['archive/data.pkl', bomb, { method: 8, length: 20_000_000 }]]),
    /ends beyond|is compressed/,
  ],
  [
    'lists a hundred thousand deep',
    makeZip([['archive/data.pkl', Buffer.concat([Buffer.from([0x80, 2]), deep, Buffer.from('.')])]]),
    /holds no weights/,
  ],
  ['lists that hold each other thousands of times', torchZip({ more: new Raw(circles) }), /holds no weights/],
  [
    'five million dicts',
    makeZip([['archive/data.pkl', Buffer.concat([Buffer.from([0x80, 2, 0x28]), Buffer.alloc(4_900_000, '}'), Buffer.from('l.')])]]),
    /took more .*memory, far more than a checkpoint of its size/,
  ],
  ['a header that is no JSON', header('{"w": ['), /header is not JSON/],
  ['a header that is a list', header('{ "a": 1 }'.replace('{', '{').replace('1', '[]')), /tensor "a"/],
  [
    'a header longer than the file',
    Buffer.concat([Buffer.from([0xff, 0, 0, 0, 0, 0, 0, 0]), Buffer.from('{}')]),
    /header ends at byte 263/,
  ],
  ['a header longer than all files', Buffer.concat([Buffer.alloc(8, 0xff), Buffer.from('{}')]), /header length/],
  ['a tensor beyond the data', entry({ data_offsets: [0, 9000] }), /ends at data byte 9000/],
  ['a tensor that ends before it begins', entry({ data_offsets: [24, 0] }), /needs 24 bytes|expected/],
  ['a tensor of another length than its shape', entry({ shape: [2, 2] }), /needs 16 bytes but has 24/],
  ['a tensor of a size that no memory has', entry({ shape: [2 ** 40, 2 ** 40] }), /too large/],
  ['a tensor of a negative size', entry({ shape: [-2, -3] }), /tensor "w"/],
  ['a tensor of a type that there is not', entry({ dtype: 'F4' }), /tensor "w", dtype/],
  [
    'tensors upon each other',
    header({ a: { dtype: 'F32', shape: [6], data_offsets: [0, 24] }, b: { dtype: 'F32', shape: [6], data_offsets: [0, 24] } }),
    /begins at data byte 0/,
  ],
];

const kept = async () => (await readdir(lab.data, { recursive: true })).sort();

async function upload(bytes: Uint8Array): Promise<{ status: number; upload?: string; message?: string }> {
  const headers = { authorization: `Bearer ${lab.member}` };
  const response = await fetch(`${lab.address}/api/uploads`, { method: 'PUT', body: new Uint8Array(bytes), headers });
  return { status: response.status, ...((await response.json()) as object) };
}

const importUpload = (id: string | undefined, more: object = {}): Promise<Answer> =>
  lab.ask(
    'mutation ($input: ImportCheckpointInput!) { importCheckpoint(input: $input) { id } }',
    { input: { upload: id, ...more } },
    lab.member,
  );

/** Some at a time: each is read by a process of its own. */
async function all<Item>(items: readonly Item[], act: (item: Item) => Promise<void>): Promise<void> {
  const left = [...items];
  const work = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await act(item);
  };
  await Promise.all([work(), work(), work()]);
}

describe('a file', () => {
  /**
   * What is said of a member before it is read is refused only for weights that are wanted. The reader refuses every file
   * (test/engine/weights/pytorch.test.ts); every third comes the whole way, each to a process of its own.
   */
  const throughTheWholeWay = hostileFiles
    .filter(([what]) => what !== 'a member of other bytes than were written' && what !== 'an empty file')
    .filter((_, index) => index % 3 === 0);

  it.each<[string, [string, Uint8Array, RegExp][]]>([
    ['that is hostile', throughTheWholeWay],
    ['that is broken', broken],
  ])(
    '%s is refused in words, is gone then, and has changed nothing',
    async (_what, files) => {
      expect(files.length).toBeGreaterThan(10);
      const before = await kept();
      const checkpoints = await lab.database.prisma.checkpoint.count();
      await all(files, async ([what, bytes, words]) => {
        const { upload: id } = await upload(bytes);
        const { errors } = await importUpload(id);
        expect(errors[0]?.extensions, what).toEqual({ code: 'BAD_USER_INPUT', path: ['input', 'upload'] });
        expect(errors[0]?.message, what).toMatch(words);
        expect(errors[0]?.message.length, what).toBeLessThan(800);
        expect(errors[0]?.message, what).not.toMatch(/node_modules|\/tmp|\.ts:\d/);
        expect((await importUpload(id)).errors[0]?.extensions.code, what).toBe('NOT_FOUND');
      });
      expect(await kept()).toEqual(before);
      expect(await lab.database.prisma.checkpoint.count()).toBe(checkpoints);
      expect(await lab.database.prisma.upload.count()).toBe(0);
      expect(lab.logged).toEqual([]);
    },
    600_000,
  );

  it.each<[string, (dict: Record<string, unknown>) => Record<string, unknown>, RegExp]>([
    ['lacks an entry', ({ 'classifier.fc3.bias': _, ...rest }) => rest, /classifier\.fc3\.bias is missing, expected \[10\]/],
    ['has one too many', (dict) => ({ ...dict, 'more.weight': dict['classifier.fc3.weight'] }), /more\.weight \[10, 200\] is there/],
    [
      'has one of another shape',
      (dict) => ({ ...dict, 'classifier.fc3.weight': dict['classifier.fc2.weight'] }),
      /classifier\.fc3\.weight is \[200, 200\], expected \[10, 200\]/,
    ],
    [
      'has names of its own',
      (dict) => Object.fromEntries(Object.entries(dict).map(([name, tensor], index) => [`x${index}.${name.length}`, tensor])),
      /not those of/,
    ],
  ])('that %s is refused with what was found beside what was expected', async (_what, change, words) => {
    const before = await kept();
    const { upload: id } = await upload(torch({ change }));
    const { errors } = await importUpload(id, { architecture: 'SMALL_CNN', dataset: 'mnist' });
    expect(errors[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT', path: ['input', 'architecture'] } });
    expect(errors[0]?.message).toMatch(words);
    await fetch(`${lab.address}/api/uploads/${id}`, { method: 'DELETE', headers: { authorization: `Bearer ${lab.member}` } });
    expect(await kept()).toEqual(before);
  });

  it('of no bytes is not even taken', async () => {
    expect(await upload(new Uint8Array())).toMatchObject({ status: 400, message: expect.stringContaining('empty') });
    expect(await readdir(join(lab.data, 'uploads'))).toEqual([]);
  });

  it('of whole numbers is refused as weights', async () => {
    const file = torch({ type: 'IntStorage' });
    const { upload: id } = await upload(file);
    const { errors } = await importUpload(id, { architecture: 'SMALL_CNN' });
    expect(errors[0]?.message).toMatch(/holds whole numbers, expected floating-point numbers/);
  });
});
