/** Splits arrays that have one row an image, and joins the parts again. */
import { EngineError } from '../errors.ts';
import { sizeOf } from '../ops/arrays.ts';
import { describe } from './arguments.ts';
import type { HostArray, HostArrays } from './backend.ts';

/** The number of rows that all inputs share. Throws when they do not. */
export function countRows(step: string, inputs: HostArrays): number {
  const entries = Object.entries(inputs);
  const [first] = entries;
  if (first === undefined) throw new EngineError(`${step}: a step that is split by images needs an input.`);
  const rows = first[1].shape[0];
  const odd = entries.find(([, { shape }]) => shape[0] !== rows || rows === undefined || rows === 0);
  if (odd === undefined) return rows as number;
  throw new EngineError(
    `${step}: ${odd[0]} is ${describe(odd[1])}, but every input needs one row an image, as ${first[0]}, ${describe(first[1])}.`,
  );
}

/**
 * Memory of arrays that were read for the last time, for those that are needed next. A call takes and gives megabytes, and they come
 * from and go to another thread: to collect such garbage takes the runtime longer than to copy it.
 */
export class Spare {
  private readonly free = new Map<number, ArrayBuffer[]>();

  take(bytes: number): ArrayBuffer {
    return this.free.get(bytes)?.pop() ?? new ArrayBuffer(bytes);
  }

  /** Keeps the memory of these arrays, and forgets what nobody took before. */
  keep(arrays: readonly HostArray[]): void {
    this.free.clear();
    for (const { buffer, byteLength } of arrays.map(({ data }) => data)) {
      if (!(buffer instanceof ArrayBuffer) || buffer.byteLength !== byteLength) continue;
      const alike = this.free.get(byteLength) ?? [];
      this.free.set(byteLength, [...alike, buffer]);
    }
  }
}

/** Rows start to start + count as an array of its own, in spare memory where there is some; rows beyond the end repeat the last one. */
export function takeRows({ shape, dtype, data }: HostArray, start: number, count: number, spare = new Spare()): HostArray {
  const length = sizeOf(shape.slice(1));
  const taken = new (data.constructor as Float32ArrayConstructor)(spare.take(count * length * data.BYTES_PER_ELEMENT));
  const part = data.subarray(start * length, (start + count) * length);
  taken.set(part);
  const last = data.subarray(data.length - length);
  for (let at = part.length; at < taken.length; at += length) taken.set(last, at);
  return { shape: [count, ...shape.slice(1)], dtype, data: taken };
}

/** The inputs that outputs are fed to, by the outputs' names, but for those whose memory another input shares. */
export function roomOf(inputs: HostArrays, feed: Record<string, string>): HostArrays {
  const buffers = Object.values(inputs).map(({ data }) => data.buffer);
  const own = ({ data }: HostArray) => buffers.indexOf(data.buffer) === buffers.lastIndexOf(data.buffer);
  const fed = Object.entries(feed).map(([output, input]) => [output, inputs[input] as HostArray] as const);
  return Object.fromEntries(fed.filter(([, input]) => own(input)));
}

/** Puts parts one below the other, in the room that there is for an output, and keeps the given number of rows. */
export function joinRows(parts: HostArrays[], rows: number, room: HostArrays = {}): HostArrays {
  const joined: HostArrays = {};
  for (const [name, first] of Object.entries(parts[0] as HostArrays)) {
    const length = sizeOf(first.shape.slice(1));
    const data = room[name]?.data ?? new (first.data.constructor as Float32ArrayConstructor)(rows * length);
    let at = 0;
    for (const part of parts) {
      const values = (part[name] as HostArray).data.subarray(0, data.length - at);
      data.set(values, at);
      at += values.length;
    }
    joined[name] = { shape: [rows, ...first.shape.slice(1)], dtype: first.dtype, data };
  }
  return joined;
}

/** Rows that a GPU gets in one call at most; more fill it no better. */
const mostRows = 1024;

/**
 * How many rows a GPU's calls have: all of them up to a limit, rounded up by an eighth at most, so that batches of many
 * sizes share few graphs.
 */
export function rowsOfCall(rows: number): number {
  const share = Math.ceil(rows / Math.ceil(rows / mostRows));
  const step = Math.max(1, 2 ** Math.ceil(Math.log2(share)) / 16);
  return Math.ceil(share / step) * step;
}
