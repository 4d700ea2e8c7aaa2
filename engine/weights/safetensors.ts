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

function readHeader(bytes: Uint8Array): { header: Record<string, unknown>; data: Uint8Array } {
  if (bytes.length < 8) fail(`it has ${bytes.length} bytes, fewer than the 8 of the header length`);
  const declared = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (declared > BigInt(mostHeaderBytes)) fail(`its header length is ${declared}, more than ${mostHeaderBytes}`);
  const end = 8 + Number(declared);
  if (end > bytes.length) fail(`its header ends at byte ${end}, the file at byte ${bytes.length}`);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, end)));
  } catch {
    fail('its header is not JSON');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) fail('its header is not a JSON object');
  return { header: header as Record<string, unknown>, data: bytes.subarray(end) };
}

function readEntry(name: string, value: unknown, data: Uint8Array): { tensor: RawTensor; begin: number; end: number } {
  const parsed = entrySchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0] as z.core.$ZodIssue;
    return fail(`tensor "${name}", ${issue.path.join('.') || 'entry'}: ${issue.message}`);
  }
  const { dtype, shape } = parsed.data;
  const [begin, end] = parsed.data.data_offsets;
  const expected = shape.reduce((product, side) => product * side, bytesOfEntry[dtype]);
  if (!Number.isSafeInteger(expected)) fail(`tensor "${name}" of shape [${shape.join(', ')}] is too large`);
  if (end > data.length) fail(`tensor "${name}" ends at data byte ${end}, the data at byte ${data.length}`);
  if (end - begin !== expected) fail(`tensor "${name}", ${dtype} [${shape.join(', ')}], needs ${expected} bytes but has ${end - begin}`);
  return { tensor: { dtype, shape, bytes: data.subarray(begin, end) }, begin, end };
}

/** Parses a file; tensors are views of its bytes. Throws EngineError saying which claim of the header is wrong. */
export function parseSafetensors(bytes: Uint8Array): Safetensors {
  const { header, data } = readHeader(bytes);
  const { __metadata__: rawMetadata = {}, ...rest } = header;
  const metadata = metadataSchema.safeParse(rawMetadata);
  if (!metadata.success) fail('__metadata__ is not a map from strings to strings');
  const entries = Object.entries(rest).map(([name, value]) => ({ name, ...readEntry(name, value, data) }));
  let position = 0;
  for (const { name, begin, end } of entries.toSorted((first, second) => first.begin - second.begin || first.end - second.end)) {
    if (begin !== position) fail(`tensor "${name}" begins at data byte ${begin}, expected ${position}`);
    position = end;
  }
  if (position !== data.length) fail(`${data.length - position} bytes follow the last tensor`);
  return { tensors: Object.fromEntries(entries.map(({ name, tensor }) => [name, tensor])), metadata: metadata.data };
}

/** The bytes of a file that holds these tensors in this order. */
export function formatSafetensors({ tensors, metadata }: Safetensors): Uint8Array {
  const header: Record<string, unknown> = Object.keys(metadata).length > 0 ? { __metadata__: metadata } : {};
  let position = 0;
  for (const [name, { dtype, shape, bytes }] of Object.entries(tensors)) {
    header[name] = { dtype, shape, data_offsets: [position, position + bytes.length] };
    position += bytes.length;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(8 + headerBytes + position).fill(0x20, 8 + json.length, 8 + headerBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.set(json, 8);
  let offset = 8 + headerBytes;
  for (const { bytes } of Object.values(tensors)) {
    file.set(bytes, offset);
    offset += bytes.length;
  }
  return file;
}
