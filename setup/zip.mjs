/** The members of a zip file, zip64 included. Only Node's own modules. */
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { createInflateRaw } from 'node:zlib';

const endOfDirectory = Buffer.from([0x50, 0x4b, 5, 6]);
const wideLocator = 0x07064b50;
const wideEnd = 0x06064b50;
const directoryEntry = 0x02014b50;
const wide = 0xffffffff;

/**
 * @typedef {object} Member
 * @property {string} name
 * @property {number} method 0: stored, 8: deflated
 * @property {number} crc of its contents
 * @property {number} packedSize
 * @property {number} begin of its own header
 */

async function read(handle, position, length) {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await handle.read(bytes, 0, length, position);
  if (bytesRead < length) throw new Error('it is cut off');
  return bytes;
}

/** Where the directory lies. */
async function findDirectory(handle, size) {
  const length = Math.min(size, 66_000);
  const tail = await read(handle, size - length, length);
  const end = tail.lastIndexOf(endOfDirectory);
  if (end < 0) throw new Error('it is no whole zip file');
  const found = { bytes: tail.readUInt32LE(end + 12), begin: tail.readUInt32LE(end + 16) };
  if (found.bytes !== wide && found.begin !== wide) return found;
  if (end < 20 || tail.readUInt32LE(end - 20) !== wideLocator) throw new Error('it is no whole zip file');
  const record = await read(handle, Number(tail.readBigUInt64LE(end - 12)), 56);
  if (record.readUInt32LE(0) !== wideEnd) throw new Error('it is no whole zip file');
  return { bytes: Number(record.readBigUInt64LE(40)), begin: Number(record.readBigUInt64LE(48)) };
}

/** Packed size and place of a member, from its zip64 field where they do not fit into 32 bits. */
function placeOf(entry, extra) {
  const [size, packedSize, begin] = [24, 20, 42].map((offset) => entry.readUInt32LE(offset));
  if (size !== wide && packedSize !== wide && begin !== wide) return { packedSize, begin };
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    let field = at + 4;
    const [, widePacked, wideBegin] = [size, packedSize, begin].map((value) => {
      if (value !== wide) return value;
      field += 8;
      return Number(extra.readBigUInt64LE(field - 8));
    });
    return { packedSize: widePacked, begin: wideBegin };
  }
  throw new Error('its directory is damaged');
}

/**
 * @param {import('node:fs/promises').FileHandle} handle
 * @returns {Promise<Member[]>} in the order of the directory
 */
export async function readDirectory(handle) {
  const { size } = await handle.stat();
  const { bytes, begin } = await findDirectory(handle, size);
  const directory = await read(handle, begin, bytes);
  const members = [];
  for (let at = 0; at + 46 <= directory.length && directory.readUInt32LE(at) === directoryEntry; ) {
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => directory.readUInt16LE(at + offset));
    const nameEnd = at + 46 + nameLength;
    members.push({
      name: directory.toString('utf8', at + 46, nameEnd),
      method: directory.readUInt16LE(at + 10),
      crc: directory.readUInt32LE(at + 16),
      ...placeOf(directory.subarray(at, at + 46), directory.subarray(nameEnd, nameEnd + extraLength)),
    });
    at = nameEnd + extraLength + commentLength;
  }
  return members;
}

/**
 * The streams that a member's contents come through.
 * @param {import('node:fs/promises').FileHandle} handle
 * @param {string} path of the same file
 * @param {Member} member
 */
export async function contentsOf(handle, path, { begin, packedSize, method }) {
  if (packedSize === 0) return [Readable.from([])];
  const header = await read(handle, begin, 30);
  const start = begin + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  const packed = createReadStream(path, { start, end: start + packedSize - 1 });
  return method === 0 ? [packed] : [packed, createInflateRaw()];
}

/**
 * Whether a member's name stays within the folder that it is unpacked into.
 * @param {string} name
 */
export const staysWithin = (name) => !/^\/|\\|\0|^[a-z]:/i.test(name) && !name.split('/').includes('..');
