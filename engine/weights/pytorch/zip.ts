/** The members of a zip file as torch.save writes it. Everything that is said twice in the file must agree. */
import { crc32 } from 'node:zlib';
import { EngineError } from '../../errors.ts';
import { type ByteSource, damaged } from './source.ts';

export interface ZipMember {
  name: string;
  /** Where its bytes are in the file. */
  offset: number;
  /** Of its contents. */
  length: number;
  /** Of its bytes in the file; other than length where it is compressed. */
  stored: number;
  isDeflated: boolean;
  crc: number;
}

const mostMembers = 100_000;
const endBytes = 22;
const mostComment = 65_535;
const wide = 0xffffffff;

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const text = (bytes: Uint8Array) => new TextDecoder('utf-8').decode(bytes);

function safe(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw damaged('its zip directory names a size beyond every file');
  return Number(value);
}

/** Where the directory lies, and how many members it lists. */
function findDirectory(source: ByteSource): { offset: number; length: number; count: number } {
  const tailLength = Math.min(source.size, endBytes + mostComment);
  const tail = viewOf(source.read(source.size - tailLength, tailLength));
  let end = tailLength - endBytes;
  while (end >= 0 && !(tail.getUint32(end, true) === 0x06054b50 && end + endBytes + tail.getUint16(end + 20, true) === tailLength)) end--;
  if (end < 0) throw damaged('its zip directory is missing: the file is cut off');
  const count = tail.getUint16(end + 10, true);
  const length = tail.getUint32(end + 12, true);
  const offset = tail.getUint32(end + 16, true);
  if (count !== 0xffff && length !== wide && offset !== wide) return { offset, length, count };
  const locator = end - 20;
  if (locator < 0 || tail.getUint32(locator, true) !== 0x07064b50) throw damaged('its zip64 directory is missing');
  const record = viewOf(source.read(safe(tail.getBigUint64(locator + 8, true)), 56));
  if (record.getUint32(0, true) !== 0x06064b50) throw damaged('its zip64 directory is not where the file says');
  return {
    count: safe(record.getBigUint64(32, true)),
    length: safe(record.getBigUint64(40, true)),
    offset: safe(record.getBigUint64(48, true)),
  };
}

/** Sizes and place of a member, from the zip64 field where they do not fit into 32 bits. */
function sizesOf(entry: DataView, extra: DataView): { length: number; stored: number; header: number } {
  const values = [24, 20, 42].map((at) => entry.getUint32(at, true));
  for (let at = 0; at + 4 <= extra.byteLength; at += 4 + extra.getUint16(at + 2, true)) {
    if (extra.getUint16(at, true) !== 1) continue;
    let field = at + 4;
    for (const [index, value] of values.entries()) {
      if (value !== wide) continue;
      if (field + 8 > extra.byteLength) throw damaged('its zip directory has a cut-off zip64 field');
      values[index] = safe(extra.getBigUint64(field, true));
      field += 8;
    }
  }
  const [length, stored, header] = values as [number, number, number];
  return { length, stored, header };
}

/** Checks the member's own header and returns where its bytes begin. */
function beginOf(source: ByteSource, header: number, name: string): number {
  const local = viewOf(source.read(header, 30));
  const nameLength = local.getUint16(26, true);
  if (local.getUint32(0, true) !== 0x04034b50 || text(source.read(header + 30, nameLength)) !== name)
    throw damaged(`its zip member ${JSON.stringify(name)} is not where the directory says`);
  return header + 30 + nameLength + local.getUint16(28, true);
}

function checkName(name: string): string {
  const isPlain =
    name.length > 0 && name.length <= 1000 && !/[\\\0:]/.test(name) && !name.startsWith('/') && !name.split('/').includes('..');
  if (!isPlain) throw damaged(`its zip has a member of the name ${JSON.stringify(name.slice(0, 200))}`);
  return name;
}

export const isCompressed = (name: string): EngineError =>
  new EngineError(
    `The zip member ${JSON.stringify(name)} is compressed; PyTorch stores members as they are.`,
    'Use the file as torch.save wrote it. If it was zipped once more, unzip it first.',
  );

/**
 * The members, in the file's order. Throws EngineError for encrypted or overlapping members, unsafe or repeated names, and for
 * compressed ones unless they may be deflated.
 */
export function readZip(source: ByteSource, { deflated = false } = {}): ZipMember[] {
  const directory = findDirectory(source);
  if (directory.count > mostMembers) throw damaged(`its zip lists ${directory.count} members; ${mostMembers} are the most`);
  const bytes = source.read(directory.offset, directory.length);
  const view = viewOf(bytes);
  const members: ZipMember[] = [];
  for (let at = 0, index = 0; index < directory.count; index++) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== 0x02014b50) throw damaged('its zip directory is cut off');
    const [nameEnd, extraLength, commentLength] = [28, 30, 32].map((field) => view.getUint16(at + field, true)) as [number, number, number];
    const next = at + 46 + nameEnd + extraLength + commentLength;
    if (next > bytes.length) throw damaged('its zip directory is cut off');
    const entry = viewOf(bytes.subarray(at, at + 46));
    const name = checkName(text(bytes.subarray(at + 46, at + 46 + nameEnd)));
    const { length, stored, header } = sizesOf(entry, viewOf(bytes.subarray(at + 46 + nameEnd, at + 46 + nameEnd + extraLength)));
    at = next;
    if (entry.getUint16(8, true) & 1) throw damaged(`its zip member ${JSON.stringify(name)} is encrypted`);
    const isDeflated = deflated && entry.getUint16(10, true) === 8;
    if (!isDeflated && (entry.getUint16(10, true) !== 0 || length !== stored)) throw isCompressed(name);
    const offset = beginOf(source, header, name);
    if (offset + stored > source.size) throw damaged(`its zip member ${JSON.stringify(name)} ends beyond the file`);
    members.push({ name, offset, length, stored, isDeflated, crc: entry.getUint32(16, true) });
  }
  checkApart(members);
  return members;
}

function checkApart(members: readonly ZipMember[]): void {
  if (new Set(members.map(({ name }) => name)).size !== members.length) throw damaged('its zip has two members of one name');
  let end = 0;
  for (const { name, offset, stored } of members.toSorted((one, other) => one.offset - other.offset)) {
    if (offset < end) throw damaged(`its zip member ${JSON.stringify(name)} lies upon another`);
    end = offset + stored;
  }
}

/** All bytes of a member that is stored as it is. Throws EngineError when they are not those that were written. */
export function readMember(source: ByteSource, { name, offset, length, crc }: ZipMember): Uint8Array {
  const bytes = source.read(offset, length);
  if (crc32(bytes) !== crc) throw damaged(`its zip member ${JSON.stringify(name)} has other bytes than were written`);
  return bytes;
}
