/** What data files hold, as SHA-256: two numbers are of the same images only where these are equal. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { EngineError } from '../errors.ts';
import type { DataFile, Dataset, Part } from './dataset.ts';

/** The content of one official part of a dataset. */
export interface Content {
  /** Over the SHA-256 of the part's files, in their order. */
  sha256: string;
  /** Whether the files are those that the dataset's authors published; null where their hashes are not known. */
  official: boolean | null;
}

interface Hashes {
  sha256: string;
  md5: string;
}

/** Hashes that this process has taken, by path; good as long as size and time of change are the same. */
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

async function hashesOf(path: string): Promise<Hashes> {
  const { size, mtimeNs, ino } = await stat(path, { bigint: true });
  const mark = [size, mtimeNs, ino].join(' ');
  const known = kept.get(path);
  if (known?.mark === mark) return known.hashes;
  const hashes = hashFile(path);
  kept.set(path, { mark, hashes });
  hashes.catch(() => kept.delete(path));
  return hashes;
}

const isOfficial = ({ official }: DataFile, hashes: Hashes): boolean | null =>
  official ? (official.sha256 ?? hashes.sha256) === hashes.sha256 && (official.md5 ?? hashes.md5) === hashes.md5 : null;

/** The content of a part. Throws EngineError when a file cannot be read. */
export async function contentOf(dataset: Dataset, folder: string, part: Part): Promise<Content> {
  const files = dataset.files(folder).filter((file) => file.part === part);
  const hashes = await Promise.all(
    files.map(({ path }) =>
      hashesOf(path).catch((error: NodeJS.ErrnoException) => {
        const missing = error.code === 'ENOENT';
        throw new EngineError(missing ? `${path} is missing.` : `${path} cannot be read: ${error.message}.`, dataset.hint(folder));
      }),
    ),
  );
  const matches = files.map((file, index) => isOfficial(file, hashes[index] as Hashes));
  return {
    sha256: createHash('sha256')
      .update(hashes.map((one) => one.sha256).join('\n'))
      .digest('hex'),
    official: matches.includes(false) ? false : matches.includes(null) ? null : true,
  };
}
