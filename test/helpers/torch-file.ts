/** Files as torch.save writes them, and as nobody should: pickles are put together by hand. */
import { makeZip, type ZipClaims } from './zip.ts';

/** A tensor of one of the stored arrays. */
export interface TensorAbout {
  /** Name of a member of `storages`. */
  storage: string;
  /** Class of the storage in torch. */
  type?: string;
  /** Values that the pickle says the storage has; as many as fit when absent. */
  length?: number;
  offset?: number;
  shape: number[];
  stride?: number[];
}

export class Tensor {
  constructor(readonly about: TensorAbout) {}
}

/** A call of a name, as REDUCE makes it. */
export class Call {
  constructor(
    readonly name: string,
    readonly args: unknown[],
  ) {}
}

/** Bytes of a pickle as they are. */
export class Raw {
  constructor(readonly bytes: number[] | Buffer) {}
}

export type Storages = Record<string, Uint8Array>;

const widths: Record<string, number> = {
  DoubleStorage: 8,
  LongStorage: 8,
  HalfStorage: 2,
  BFloat16Storage: 2,
  BoolStorage: 1,
  ByteStorage: 1,
};
const rowMajor = (shape: number[]) => shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** Objects are dicts, arrays are tuples. */
function encode(value: unknown, storages: Storages): Buffer {
  const inner = (one: unknown) => encode(one, storages);
  if (value === null) return Buffer.from('N');
  if (value === true) return Buffer.from([0x88]);
  if (value === false) return Buffer.from([0x89]);
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(Number.isInteger(value) && Math.abs(value) < 2 ** 31 ? 5 : 9);
    if (bytes.length === 5) bytes.writeInt32LE(value, 1);
    else bytes.writeDoubleBE(value, 1);
    bytes[0] = bytes.length === 5 ? 0x4a : 0x47;
    return bytes;
  }
  if (typeof value === 'string') return Buffer.concat([Buffer.from('X'), uint32(Buffer.byteLength(value)), Buffer.from(value)]);
  if (value instanceof Raw) return Buffer.from(value.bytes);
  if (Array.isArray(value)) return Buffer.concat([Buffer.from('('), ...value.map(inner), Buffer.from('t')]);
  if (value instanceof Call) {
    const at = value.name.lastIndexOf('.');
    const name = Buffer.from(`c${value.name.slice(0, at)}\n${value.name.slice(at + 1)}\n`);
    return Buffer.concat([name, inner(value.args), Buffer.from('R')]);
  }
  if (value instanceof Tensor) return encodeTensor(value, storages);
  const entries = Object.entries(value as object).flatMap(([key, item]) => [inner(key), inner(item)]);
  return Buffer.concat([Buffer.from('}('), ...entries, Buffer.from('u')]);
}

function encodeTensor({ about }: Tensor, storages: Storages): Buffer {
  const { storage, type = 'FloatStorage', offset = 0, shape, stride = rowMajor(shape) } = about;
  const length = about.length ?? (storages[storage] as Uint8Array).length / (widths[type] ?? 4);
  const id = encode(['storage', new Raw(Buffer.from(`ctorch\n${type}\n`)), storage, 'cpu', length], storages);
  const persistent = new Raw(Buffer.concat([id, Buffer.from('Q')]));
  return encode(new Call('torch._utils._rebuild_tensor_v2', [persistent, offset, shape, stride, false, {}]), storages);
}

/** A pickle of protocol 2. */
export function pickle(value: unknown, storages: Storages = {}): Buffer {
  return Buffer.concat([Buffer.from([0x80, 0x02]), encode(value, storages), Buffer.from('.')]);
}

export const floats = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);

/** A file of PyTorch 1.6 and newer; more: members beside the pickle and the storages, claims: by the name of a storage. */
export function torchZip(
  value: unknown,
  storages: Storages = {},
  more: [string, string | Uint8Array, ZipClaims?][] = [],
  claims: Record<string, ZipClaims> = {},
): Buffer {
  const stored = Object.entries(storages).map(([key, bytes]) => [`archive/data/${key}`, bytes, claims[key]] as const);
  return makeZip([['archive/data.pkl', pickle(value, storages), claims['data.pkl']], ...stored, ...more]);
}

/** The number that such files begin with. */
const magic = [0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

interface LegacyClaims {
  protocol?: number;
  system?: object;
  keys?: string[];
  lengths?: Record<string, number>;
  widths?: Record<string, number>;
}

/** A file of PyTorch before 1.6. */
export function torchLegacy(value: unknown, storages: Storages = {}, claims: LegacyClaims = {}): Buffer {
  const { protocol = 1001, system = { protocol_version: 1001, little_endian: true }, keys = Object.keys(storages), lengths = {} } = claims;
  const stored = keys.map((key) => {
    const bytes = storages[key] ?? new Uint8Array();
    const head = Buffer.alloc(8);
    head.writeBigInt64LE(BigInt(lengths[key] ?? bytes.length / (claims.widths?.[key] ?? 4)));
    return Buffer.concat([head, bytes]);
  });
  const pickles = [new Raw(magic), protocol, system].map((one) => pickle(one));
  return Buffer.concat([...pickles, pickle(value, storages), pickle(keys), ...stored]);
}
