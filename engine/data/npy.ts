/** Arrays as NumPy writes them (.npy): a short header, then the values in C order. */
import { DataError } from '../errors.ts';

export interface NpyHeader {
  /** NumPy's word for the type, without byte order: u1, i8, f4 ... */
  type: string;
  /** Whether the values have their most significant byte first. */
  bigEndian: boolean;
  shape: number[];
  /** First byte of the values, counted from the array's own beginning. */
  begin: number;
}

const magic = '\x93NUMPY';
/** Bytes of a header that are enough for every array of images or labels. */
export const mostHeaderBytes = 4096;
const mostDimensions = 8;

/** source: what the messages call the array. bytes: its beginning. */
export function readNpyHeader(source: string, bytes: Uint8Array, hint: string): NpyHeader {
  const refuse = (problem: string): never => {
    throw new DataError(`${source} is no NumPy array that can be read: ${problem}.`, hint);
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || Buffer.from(bytes.subarray(0, 6)).toString('latin1') !== magic) refuse('it does not begin as one');
  const isFirst = bytes[6] === 1;
  if (!isFirst && bytes[6] !== 2 && bytes[6] !== 3) refuse(`its format has the version ${bytes[6]}`);
  const start = isFirst ? 10 : 12;
  const length = isFirst ? view.getUint16(8, true) : view.getUint32(8, true);
  if (start + length > bytes.length) refuse(`its header of ${length} bytes is cut off or too long`);
  const text = Buffer.from(bytes.subarray(start, start + length)).toString('latin1');
  const order = /'fortran_order':\s*(True|False)/.exec(text)?.[1];
  const type = /'descr':\s*'([<>|=])([a-z]\d+)'/.exec(text);
  const otherType = /'descr':\s*('[^']*'|\[.*?\])/.exec(text)?.[1];
  if (!type && otherType) refuse(`its values are of the type ${otherType.slice(0, 40)}; expected numbers`);
  const sides = /'shape':\s*\(([\d,\sL]*)\)/.exec(text)?.[1];
  if (!type || order === undefined || sides === undefined) return refuse('its header lacks descr, fortran_order or shape');
  const shape = sides.split(',').flatMap((side) => (side.trim() ? [Number.parseInt(side, 10)] : []));
  if (shape.length > mostDimensions || shape.some((side) => !Number.isSafeInteger(side))) refuse(`its shape is (${sides})`);
  if (order === 'True' && shape.filter((side) => side > 1).length > 1)
    refuse('its values are in Fortran order; save np.ascontiguousarray(...) of it');
  return { type: type[2] as string, bigEndian: type[1] === '>', shape, begin: start + length };
}

const integers: Record<string, { bytes: number; at: (view: DataView, offset: number, little: boolean) => number | bigint }> = {
  b1: { bytes: 1, at: (view, offset) => view.getUint8(offset) },
  u1: { bytes: 1, at: (view, offset) => view.getUint8(offset) },
  i1: { bytes: 1, at: (view, offset) => view.getInt8(offset) },
  u2: { bytes: 2, at: (view, offset, little) => view.getUint16(offset, little) },
  i2: { bytes: 2, at: (view, offset, little) => view.getInt16(offset, little) },
  u4: { bytes: 4, at: (view, offset, little) => view.getUint32(offset, little) },
  i4: { bytes: 4, at: (view, offset, little) => view.getInt32(offset, little) },
  u8: { bytes: 8, at: (view, offset, little) => view.getBigUint64(offset, little) },
  i8: { bytes: 8, at: (view, offset, little) => view.getBigInt64(offset, little) },
};

/** Bytes of a whole number (or a truth value) of this type; undefined for other types. */
export const bytesOfInteger = (type: string): number | undefined => integers[type]?.bytes;

/** Whole numbers as labels; undefined where the type has none. A label beyond 32 bits reads as -1. */
export function labelsOfType({ type, bigEndian }: Pick<NpyHeader, 'type' | 'bigEndian'>, bytes: Uint8Array): Int32Array | undefined {
  const integer = integers[type];
  if (!integer) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Int32Array.from({ length: bytes.length / integer.bytes }, (_, index) => {
    const value = Number(integer.at(view, index * integer.bytes, !bigEndian));
    return value >= 0 && value < 2 ** 31 ? value : -1;
  });
}
