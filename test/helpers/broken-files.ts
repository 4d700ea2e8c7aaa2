/** Files that would be a checkpoint of a small network, but for what is wrong with them: cut, changed, forged. */
import { deflateRawSync } from 'node:zlib';
import { mnist } from '../../engine/data/mnist.ts';
import { buildNetwork } from '../../engine/models/architectures.ts';
import { writeCheckpoint } from '../../engine/weights/checkpoint-file.ts';
import { initialWeights } from '../../engine/weights/initial.ts';
import { toOfficial } from '../../engine/weights/state-dict.ts';
import { Raw, type Storages, Tensor, torchLegacy, torchZip } from './torch-file.ts';
import { makeZip, type ZipClaims } from './zip.ts';

const network = buildNetwork('SMALL_CNN', {}, mnist);
const weights = initialWeights(network, 0);
const names = Object.keys(weights);
const last = names.length - 1;

/** A file that would be taken, but for what is changed about it. */
export function torch({
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

export const broken: [string, Uint8Array, RegExp][] = [
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
