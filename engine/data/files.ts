/** Data files whose size is known beforehand. */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { DataError } from '../errors.ts';
import type { Content, DataState, Dataset, Part } from './dataset.ts';
import { type Hashes, hashesOf } from './hashes.ts';
import { openProblem } from './open-problem.ts';

export interface DataFile {
  part: Part;
  path: string;
  /** The exact size. */
  bytes: number;
  /** Hashes of the file that the dataset's authors published; absent where they are not known. */
  official?: { sha256?: string; md5?: string };
}

function sizeProblem(path: string, bytes: number, expected: number): string {
  const difference = bytes < expected ? `ends at byte ${bytes}` : `has ${bytes - expected} bytes after byte ${expected}`;
  return `${path} ${difference}; expected exactly ${expected} bytes.`;
}

interface Fetchable {
  /** As `npm run data` calls it. */
  name: string;
  /** What can be unpacked instead. */
  archive: string;
  /** Files that are there then. */
  paths: readonly string[];
}

/** What to do where the official files of a dataset are not in the datasets folder. */
export function fetchHint(folder: string, { name, archive, paths }: Fetchable): string {
  const place = /^[\w./-]+$/.test(folder) ? folder : JSON.stringify(folder);
  const there = `${paths.join(' and ')} ${paths.length === 1 ? 'exists' : 'exist'}`;
  return `Fetch it with npm run data -- ${name} --datasets ${place}, or unpack ${archive} so that ${there}, or start with --datasets FOLDER.`;
}

/** Whether a file is there and has the right size; its bytes are not read. */
export async function fileState(path: string, expected: number): Promise<DataState> {
  try {
    const { size } = await stat(path);
    return size === expected ? { state: 'READY' } : { state: 'FAILED', problem: sizeProblem(path, size, expected) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { state: 'MISSING' };
    return { state: 'FAILED', problem: openProblem(path, error) };
  }
}

/** All bytes of a file of exactly `expected` bytes. Throws DataError otherwise. */
export async function readWhole(path: string, expected: number, hint: string): Promise<Buffer> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new DataError(openProblem(path, error), hint);
  });
  if (bytes.length !== expected) throw new DataError(sizeProblem(path, bytes.length, expected), hint);
  return bytes;
}

/** Throws DataError when the label at a byte of a file is not below `classes`. */
export function checkLabel(path: string, offset: number, label: number, classes: number, hint: string): void {
  if (label >= classes)
    throw new DataError(`${path} is corrupt at byte ${offset}: the label is ${label}, expected 0 to ${classes - 1}.`, hint);
}

/** Whether a file is the official one. */
export function isOfficial(official: DataFile['official'], hashes: Hashes): boolean | null {
  if (!official?.sha256 && !official?.md5) return null;
  return (official.sha256 ?? hashes.sha256) === hashes.sha256 && (official.md5 ?? hashes.md5) === hashes.md5;
}

/** The content of files: over their SHA-256, in their order. folder: the datasets folder. */
export async function contentOfFiles(
  files: readonly Pick<DataFile, 'path' | 'official'>[],
  folder: string,
  hint: string,
): Promise<Content> {
  const hashes = await Promise.all(
    files.map(({ path }) =>
      hashesOf(path, folder).catch((error: unknown) => {
        throw new DataError(openProblem(path, error), hint);
      }),
    ),
  );
  const matches = files.map(({ official }, index) => isOfficial(official, hashes[index] as Hashes));
  const all = hashes.map(({ sha256 }) => sha256).join('\n');
  return {
    sha256: createHash('sha256').update(all).digest('hex'),
    official: matches.includes(false) ? false : matches.includes(null) ? null : true,
  };
}

/** State and content of a dataset that lies in files of known sizes, each part's in the order of its images. */
export function inFiles(files: (folder: string) => DataFile[], hint: (folder: string) => string): Pick<Dataset, 'state' | 'content'> {
  return {
    async state(folder) {
      const states = await Promise.all(files(folder).map(({ path, bytes }) => fileState(path, bytes)));
      const wrong = states.find(({ state }) => state === 'FAILED') ?? states.find(({ state }) => state === 'MISSING');
      return wrong ?? { state: 'READY' };
    },
    content: (folder, part) =>
      contentOfFiles(
        files(folder).filter((file) => file.part === part),
        folder,
        hint(folder),
      ),
  };
}
