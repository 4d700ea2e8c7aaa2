import { describe, expect, it } from 'vitest';
import { EngineError } from '../../../engine/errors.ts';
import { formatSafetensors, parseSafetensors, type RawTensor } from '../../../engine/weights/safetensors.ts';
import { readWeights, writeWeights } from '../../../engine/weights/state-dict.ts';
import type { Weights } from '../../../engine/weights/weights.ts';

const floats = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);
const vector: RawTensor = { dtype: 'F32', shape: [2], bytes: floats(1, 2) };

/** A file with any header and so many data bytes. */
function file(header: unknown, dataBytes: number, headerLength?: bigint): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, headerLength ?? BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

const entry = (changes: object = {}) => ({ dtype: 'F32', shape: [2], data_offsets: [0, 8], ...changes });

describe('safetensors', () => {
  it('come back as they were written', () => {
    const tensors = { vector, empty: { dtype: 'U8', shape: [0, 3], bytes: new Uint8Array() } satisfies RawTensor };
    const parsed = parseSafetensors(formatSafetensors({ tensors, metadata: { epoch: '3' } }));
    expect(parsed).toEqual({ tensors, metadata: { epoch: '3' } });
    expect(Object.keys(parsed.tensors)).toEqual(['vector', 'empty']);
  });

  it('align the data to eight bytes', () => {
    const bytes = formatSafetensors({ tensors: { x: vector }, metadata: {} });
    expect((8 + Number(new DataView(bytes.buffer).getBigUint64(0, true))) % 8).toBe(0);
  });

  const hostile: [string, Uint8Array, RegExp][] = [
    ['too short', new Uint8Array(5), /has 5 bytes/],
    ['a header beyond the file', file({ x: entry() }, 0, 10_000n), /header ends at byte 10008, the file at byte/],
    ['an absurd header length', file({}, 0, 2n ** 63n), /header length is 9223372036854775808/],
    ['no JSON', file('{"x":', 0), /not JSON/],
    ['a list', file([1], 0), /not a JSON object/],
    ['an unknown type', file({ x: entry({ dtype: 'F33' }) }, 8), /tensor "x", dtype/],
    ['a negative side', file({ x: entry({ shape: [-2] }) }, 8), /tensor "x", shape/],
    ['a fraction', file({ x: entry({ shape: [0.5] }) }, 8), /tensor "x", shape/],
    ['an extra key', file({ x: entry({ extra: 1 }) }, 8), /tensor "x"/],
    ['an entry that is no object', file({ x: 3 }, 8), /tensor "x"/],
    ['offsets beyond the data', file({ x: entry({ data_offsets: [0, 16] }) }, 8), /ends at data byte 16, the data at byte 8/],
    ['offsets backwards', file({ x: entry({ data_offsets: [8, 0] }) }, 8), /needs 8 bytes but has -8/],
    ['a shape of another size', file({ x: entry({ shape: [3] }) }, 8), /F32 \[3\], needs 12 bytes but has 8/],
    ['a shape too large to count', file({ x: entry({ shape: [2 ** 30, 2 ** 30] }) }, 8), /too large/],
    ['overlapping tensors', file({ x: entry(), y: entry({ data_offsets: [4, 12] }) }, 12), /"y" begins at data byte 4, expected 8/],
    ['a hole', file({ x: entry(), y: entry({ data_offsets: [12, 20] }) }, 20), /"y" begins at data byte 12, expected 8/],
    ['bytes behind the last tensor', file({ x: entry() }, 11), /3 bytes follow/],
    ['metadata that is no map of strings', file({ __metadata__: { a: 1 } }, 0), /__metadata__/],
  ];
  it.each(hostile)('refuse %s', (_name, bytes, message) => {
    expect(() => parseSafetensors(bytes)).toThrow(EngineError);
    expect(() => parseSafetensors(bytes)).toThrow(message);
  });

  it('do not let a name reach the prototype', () => {
    const { tensors } = parseSafetensors(file('{"__proto__":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}', 8));
    expect(Object.keys(tensors)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(tensors)).toBe(Object.prototype);
  });
});

describe('state dicts', () => {
  const kernel = { shape: [1, 2, 3, 2], dtype: 'float32', data: Float32Array.from({ length: 12 }, (_, index) => index) } as const;
  const weights: Weights = {
    'conv.weight': { ...kernel, shape: [...kernel.shape] },
    'linear.weight': { shape: [2, 3], dtype: 'float32', data: Float32Array.of(0, 1, 2, 3, 4, 5) },
    'linear.bias': { shape: [3], dtype: 'float32', data: Float32Array.of(7, 8, 9) },
  };

  it('have PyTorch layouts in the file: filters first, outputs first', () => {
    const { tensors } = parseSafetensors(writeWeights(weights));
    expect(tensors['conv.weight']?.shape).toEqual([2, 3, 1, 2]);
    expect([...new Float32Array(new Uint8Array(tensors['conv.weight']?.bytes ?? []).buffer)]).toEqual([
      0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11,
    ]);
    expect(tensors['linear.weight']?.shape).toEqual([3, 2]);
    expect([...new Float32Array(new Uint8Array(tensors['linear.weight']?.bytes ?? []).buffer)]).toEqual([0, 3, 1, 4, 2, 5]);
  });

  it('come back bit for bit, also from a Buffer that is a view of a larger one', () => {
    const bytes = writeWeights(weights, { note: 'x' });
    expect(readWeights(bytes)).toEqual(weights);
    const larger = Buffer.alloc(bytes.length + 3);
    larger.set(bytes, 3);
    expect(readWeights(larger.subarray(3))).toEqual(weights);
  });

  it('leave out the counters of batch normalisation, and refuse other types', () => {
    const counter: RawTensor = { dtype: 'I64', shape: [], bytes: new Uint8Array(8) };
    const read = (name: string, tensor: RawTensor) => readWeights(formatSafetensors({ tensors: { [name]: tensor }, metadata: {} }));
    expect(read('bn1.num_batches_tracked', counter)).toEqual({});
    expect(() => read('bn1.weight', counter)).toThrow('Tensor "bn1.weight" is of type I64; weights are F32 or F64.');
    const double: RawTensor = { dtype: 'F64', shape: [1], bytes: new Uint8Array(Float64Array.of(0.1).buffer) };
    expect(read('bias', double).bias?.data[0]).toBe(Math.fround(0.1));
  });
});
