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

/** Rows start to start + count as an array of its own; rows beyond the end repeat the last one. */
export function takeRows({ shape, dtype, data }: HostArray, start: number, count: number): HostArray {
  const length = sizeOf(shape.slice(1));
  const part = data.slice(start * length, (start + count) * length);
  const full = part.length === count * length ? part : new (data.constructor as Float32ArrayConstructor)(count * length);
  if (full !== part) {
    const end = data.subarray(data.length - length);
    full.set(part);
    for (let at = part.length; at < full.length; at += length) full.set(end, at);
  }
  return { shape: [count, ...shape.slice(1)], dtype, data: full };
}

/** Puts parts one below the other and keeps the given number of rows. */
export function joinRows(parts: HostArrays[], rows: number): HostArrays {
  const joined: HostArrays = {};
  for (const [name, first] of Object.entries(parts[0] as HostArrays)) {
    const length = sizeOf(first.shape.slice(1));
    const data = new (first.data.constructor as Float32ArrayConstructor)(rows * length);
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
