/** Hashes of files, kept as long as size and time of change stay: in memory, and in a file beside the data. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { cacheFolder } from './cache-folder.ts';
import { draftOf } from './drafts.ts';

export interface Hashes {
  sha256: string;
  md5: string;
}

const entry = z.object({ mark: z.string(), sha256: z.string(), md5: z.string() });
const file = z.record(z.string(), entry);
type Entry = z.infer<typeof entry>;

const kept = new Map<string, { mark: string; hashes: Promise<Hashes> }>();

async function hashFile(path: string): Promise<Hashes> {
  const sha256 = createHash('sha256');
  const md5 = createHash('md5');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    sha256.update(chunk as Buffer);
    md5.update(chunk as Buffer);
  }
  return { sha256: sha256.digest('hex'), md5: md5.digest('hex') };
}

/** What changes whenever a file does. */
export async function markOf(path: string): Promise<string> {
  const { size, mtimeNs, ctimeNs, ino } = await stat(path, { bigint: true });
  return [size, mtimeNs, ctimeNs, ino].join(' ');
}

const listOf = (folder: string) => join(folder, 'hashes.json');

/** What the list holds; nothing where it is missing or damaged: everything in it can be found out again. */
async function readList(folder: string): Promise<Record<string, Entry>> {
  try {
    return file.parse(JSON.parse(await readFile(listOf(folder), 'utf8')));
  } catch {
    return {};
  }
}

/** What is being written; one list after the other, so that none loses what another has. */
let writing: Promise<void> = Promise.resolve();

function remember(folder: string, path: string, known: Entry): Promise<void> {
  writing = writing.then(() => write(folder, path, known)).catch(() => {});
  return writing;
}

async function write(folder: string, path: string, known: Entry): Promise<void> {
  const list = { ...(await readList(folder)), [path]: known };
  const draft = draftOf(listOf(folder));
  await writeFile(draft, JSON.stringify(list, null, 1));
  await rename(draft, listOf(folder));
}

async function find(path: string, mark: string, datasets: string): Promise<Hashes> {
  const folder = await cacheFolder(datasets);
  const known = folder === undefined ? undefined : (await readList(folder))[path];
  if (known?.mark === mark) return known;
  const hashes = await hashFile(path);
  // A list that cannot be written costs the time of hashing again, no more.
  if (folder !== undefined) await remember(folder, path, { mark, ...hashes });
  return hashes;
}

/** Rejects with the error of the file system where the file cannot be read. datasets: the datasets folder. */
export async function hashesOf(path: string, datasets: string): Promise<Hashes> {
  const mark = await markOf(path);
  const known = kept.get(path);
  if (known?.mark === mark) return known.hashes;
  const hashes = find(path, mark, datasets);
  kept.set(path, { mark, hashes });
  hashes.catch(() => kept.delete(path));
  return hashes;
}
