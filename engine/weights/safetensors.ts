/**
 * The safetensors container: 8 bytes of header length (little-endian), a JSON header, then the tensors' bytes.
 * Reading checks everything that the header claims before a byte of data is touched.
 */
import { z } from 'zod';
import { EngineError } from '../errors.ts';

const bytesOfEntry = { F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, I16: 2, I8: 1, U8: 1, BOOL: 1 } as const;
export type SafetensorsType = keyof typeof bytesOfEntry;

export interface RawTensor {
  dtype: SafetensorsType;
  shape: number[];
  /** Row-major, little-endian. */
  bytes: Uint8Array;
}

export interface Safetensors {
  tensors: Record<string, RawTensor>;
  metadata: Record<string, string>;
}

const mostHeaderBytes = 100_000_000;
const length = z.int().min(0);
const entrySchema = z.strictObject({
  dtype: z.enum(Object.keys(bytesOfEntry) as [SafetensorsType]),
  shape: z.array(length).max(8),
  data_offsets: z.tuple([length, length]),
});
const metadataSchema = z.record(z.string(), z.string());

function fail(problem: string): never {
  throw new EngineError(`Not a valid safetensors file: ${problem}.`, 'Write the file again with the safetensors library.');
}

/** A tensor as the header places it: its bytes lie at begin to end, end not included, counted from the header's end. */
export interface TensorEntry {
  name: string;
  dtype: SafetensorsType;
  shape: number[];
  begin: number;
  end: number;
}

export interface SafetensorsHeader {
  /** In the header's order. */
  tensors: TensorEntry[];
  metadata: Record<string, string>;
}

/** Length of the header, which begins at byte 8. start: at least the first 8 bytes. fileBytes: length of the whole file. */
export function headerLength(start: Uint8Array, fileBytes: number): number {
  if (fileBytes < 8 || start.length < 8) fail(`it has ${fileBytes} bytes, fewer than the 8 of the header length`);
  const declared = new DataView(start.buffer, start.byteOffset).getBigUint64(0, true);
  if (declared > BigInt(mostHeaderBytes)) fail(`its header length is ${declared}, more than ${mostHeaderBytes}`);
  const end = 8 + Number(declared);
  if (end > fileBytes) fail(`its header ends at byte ${end}, the file at byte ${fileBytes}`);
  return Number(declared);
}

function jsonOf(header: Uint8Array): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(header));
  } catch {
    fail('its header is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) fail('its header is not a JSON object');
  return value as Record<string, unknown>;
}

function entryOf(name: string, value: unknown, dataBytes: number): TensorEntry {
  const parsed = entrySchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0] as z.core.$ZodIssue;
    return fail(`tensor "${name}", ${issue.path.join('.') || 'entry'}: ${issue.message}`);
  }
  const { dtype, shape } = parsed.data;
  const [begin, end] = parsed.data.data_offsets;
  const expected = shape.reduce((product, side) => product * side, bytesOfEntry[dtype]);
  if (!Number.isSafeInteger(expected)) fail(`tensor "${name}" of shape [${shape.join(', ')}] is too large`);
  if (end > dataBytes) fail(`tensor "${name}" ends at data byte ${end}, the data at byte ${dataBytes}`);
  if (end - begin !== expected) fail(`tensor "${name}", ${dtype} [${shape.join(', ')}], needs ${expected} bytes but has ${end - begin}`);
  return { name, dtype, shape, begin, end };
}

/** Reads and checks a header: its bytes without the length in front. dataBytes: how many bytes follow it. */
export function readHeader(header: Uint8Array, dataBytes: number): SafetensorsHeader {
  const { __metadata__: rawMetadata = {}, ...rest } = jsonOf(header);
  const metadata = metadataSchema.safeParse(rawMetadata);
  if (!metadata.success) fail('__metadata__ is not a map from strings to strings');
  const tensors = Object.entries(rest).map(([name, value]) => entryOf(name, value, dataBytes));
  let position = 0;
  for (const { name, begin, end } of tensors.toSorted((first, second) => first.begin - second.begin || first.end - second.end)) {
    if (begin !== position) fail(`tensor "${name}" begins at data byte ${begin}, expected ${position}`);
    position = end;
  }
  if (position !== dataBytes) fail(`${dataBytes - position} bytes follow the last tensor`);
  return { tensors, metadata: metadata.data };
}

/** Parses a file; tensors are views of its bytes. Throws EngineError saying which claim of the header is wrong. */
export function parseSafetensors(bytes: Uint8Array): Safetensors {
  const dataStart = 8 + headerLength(bytes, bytes.length);
  const { tensors, metadata } = readHeader(bytes.subarray(8, dataStart), bytes.length - dataStart);
  const views = tensors.map(
    ({ name, dtype, shape, begin, end }) => [name, { dtype, shape, bytes: bytes.subarray(dataStart + begin, dataStart + end) }] as const,
  );
  return { tensors: Object.fromEntries(views), metadata };
}

/** The bytes in front of the data of a file that holds tensors of these sizes in this order. */
export function formatHeader(
  tensors: readonly { name: string; dtype: SafetensorsType; shape: number[]; bytes: number }[],
  metadata: Record<string, string>,
): Uint8Array {
  const header: Record<string, unknown> = Object.keys(metadata).length > 0 ? { __metadata__: metadata } : {};
  let position = 0;
  for (const { name, dtype, shape, bytes } of tensors) {
    header[name] = { dtype, shape, data_offsets: [position, position + bytes] };
    position += bytes;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const head = new Uint8Array(8 + headerBytes).fill(0x20, 8 + json.length);
  new DataView(head.buffer).setBigUint64(0, BigInt(headerBytes), true);
  head.set(json, 8);
  return head;
}

/** The bytes of a file that holds these tensors in this order. */
export function formatSafetensors({ tensors, metadata }: Safetensors): Uint8Array {
  const entries = Object.entries(tensors).map(([name, { dtype, shape, bytes }]) => ({ name, dtype, shape, bytes: bytes.length }));
  const head = formatHeader(entries, metadata);
  const file = new Uint8Array(head.length + entries.reduce((sum, { bytes }) => sum + bytes, 0));
  file.set(head);
  let offset = head.length;
  for (const { bytes } of Object.values(tensors)) {
    file.set(bytes, offset);
    offset += bytes.length;
  }
  return file;
}
