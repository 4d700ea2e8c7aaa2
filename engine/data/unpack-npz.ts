/** Arrays that np.savez_compressed wrote, unpacked once into files of the cache, so that they are read in place. */
import { createHash } from 'node:crypto';
import { closeSync, createReadStream, createWriteStream, existsSync, fstatSync, openSync } from 'node:fs';
import { mkdir, rm, statfs } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32, createInflateRaw } from 'node:zlib';
import type { ZipMember } from '../weights/pytorch/zip.ts';
import { arraysHint, checkSize, pick, type Role, refuse, roles } from './array-rules.ts';
import { cacheFor } from './cache-folder.ts';
import type { Part } from './dataset.ts';
import { draftOf, publish } from './drafts.ts';
import { markOf } from './hashes.ts';
import { mostHeaderBytes, readNpyHeader } from './npy.ts';
import { arraysInNpz, type Unpacked } from './npz.ts';
import { keepFiles } from './old-files.ts';
import { type Preparation, prepareOnce } from './preparation.ts';

/** An array that has to be unpacked. */
interface Packed {
  path: string;
  member: ZipMember;
  target: string;
}

/** What of an .npz file lies packed; undefined where nothing does. */
function packedIn(path: string): Record<Role, ZipMember> | undefined {
  const file = openSync(path, 'r');
  try {
    const members = arraysInNpz(path, file, fstatSync(file).size);
    const found = { images: pick(path, members, 'images'), labels: pick(path, members, 'labels') };
    return roles.some((role) => found[role].isDeflated) ? found : undefined;
  } finally {
    closeSync(file);
  }
}

/** Passes an array's bytes on. Throws DataError as soon as they are not those of an array of whole numbers, or not what was packed. */
async function* checked(content: AsyncIterable<Buffer>, { path, member }: Packed): AsyncGenerator<Buffer> {
  const source = `${member.name.replace(/\.npy$/, '')} of ${path}`;
  let head: Buffer | null = Buffer.alloc(0);
  let bytes = 0;
  let sum = 0;
  for await (const chunk of content) {
    bytes += chunk.length;
    if (bytes > member.length) refuse(`${source} unpacks to more than the ${member.length} bytes that its file names.`);
    sum = crc32(chunk, sum);
    if (head && head.length < mostHeaderBytes) head = Buffer.concat([head, chunk]);
    if (head && (head.length >= mostHeaderBytes || bytes === member.length)) {
      checkSize(source, readNpyHeader(source, head.subarray(0, mostHeaderBytes), arraysHint), member.length);
      head = null;
    }
    yield chunk;
  }
  if (bytes !== member.length || sum !== member.crc) refuse(`${source} is damaged: it unpacks to other bytes than were packed.`);
}

async function unpack(packed: Packed, progress: (bytes: number) => void): Promise<void> {
  const { path, member, target } = packed;
  const { offset, stored, isDeflated } = member;
  const draft = draftOf(target);
  const content: Readable = createReadStream(path, { start: offset, end: offset + Math.max(stored, 1) - 1 });
  const counted = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of checked(chunks, packed)) {
      progress(chunk.length);
      yield chunk;
    }
  };
  try {
    await (isDeflated
      ? pipeline(content, createInflateRaw(), counted, createWriteStream(draft))
      : pipeline(content, counted, createWriteStream(draft)));
    await publish(draft, target);
  } catch (error) {
    await rm(draft, { force: true });
    if (/^Z_/.test((error as NodeJS.ErrnoException).code ?? '')) refuse(`${member.name} of ${path} is damaged: it cannot be unpacked.`);
    throw error;
  }
}

/** Throws DataError where the disk has no room. */
async function checkRoom(folder: string, bytes: number, what: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bytes > bavail * bsize)
    refuse(`${what} unpacks to ${Math.ceil(bytes / 1e6)} MB, and ${Math.floor((bavail * bsize) / 1e6)} MB are free in ${folder}.`);
}

/**
 * Where the packed arrays of a dataset's .npz files lie; `preparation` while they are being unpacked, which begins here.
 * root: the dataset's folder. Throws DataError for files that are none.
 */
export async function unpackedArrays(
  datasets: string,
  name: string,
  root: string,
): Promise<{ unpacked: Unpacked; preparation?: Preparation<void> }> {
  const unpacked: Unpacked = {};
  const missing: Packed[] = [];
  const marks: string[] = [];
  for (const part of ['train', 'test'] satisfies Part[]) {
    const path = join(root, `${part}.npz`);
    const members = existsSync(path) ? packedIn(path) : undefined;
    if (!members) continue;
    const mark = createHash('sha256')
      .update(await markOf(path))
      .digest('hex')
      .slice(0, 16);
    const folder = await cacheFor(datasets);
    const targetOf = (role: Role) => join(folder, `${name}-${part}-${role}-${mark}.npy`);
    unpacked[part] = { images: targetOf('images'), labels: targetOf('labels') };
    marks.push(mark);
    for (const role of roles) if (!existsSync(targetOf(role))) missing.push({ path, member: members[role], target: targetOf(role) });
  }
  if (missing.length === 0) {
    await keepUnpacked(unpacked, name);
    return { unpacked };
  }
  const total = missing.reduce((sum, { member }) => sum + member.length, 0);
  const preparation = prepareOnce(root, marks.join(), total, async (progress) => {
    const folder = await cacheFor(datasets);
    await mkdir(folder, { recursive: true });
    await checkRoom(folder, total, root);
    let done = 0;
    for (const packed of missing)
      await unpack(packed, (bytes) => {
        done += bytes;
        progress(done);
      });
  });
  return { unpacked, preparation };
}

async function keepUnpacked(unpacked: Unpacked, name: string): Promise<void> {
  const paths = Object.values(unpacked).flatMap((part) => Object.values(part));
  const [first] = paths;
  if (first)
    await keepFiles(
      dirname(first),
      name,
      paths.map((path) => basename(path)),
    );
}
