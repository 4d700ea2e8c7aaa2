/** Bytes on their way to disk: within limits, in constant memory, and one writer at a time to each upload. */
import { createHash, randomUUID } from 'node:crypto';
import { open, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { ConflictError, LimitExceededError, UnavailableError } from '../errors.ts';
import type { UploadFiles } from '../store/uploads.ts';

/** The file is larger than the lab takes. */
export class TooLargeError extends LimitExceededError {}

/** The disk is full, or nearly. */
export class NoRoomError extends UnavailableError {}

export interface Receiving {
  readonly files: UploadFiles;
  /** Of one file. */
  readonly mostBytes: number;
  /** Uploads and imports at work, by person and by upload. */
  readonly busy: Busy;
}

export interface Busy {
  /** Throws LimitExceededError where this person has too many at once. */
  withinPerson<Result>(user: string, act: () => Promise<Result>): Promise<Result>;
  /** Throws ConflictError while something else is done with this upload. */
  alone<Result>(upload: number, act: () => Promise<Result>): Promise<Result>;
  /** Waits until few enough files are being read: each takes a process of its own. */
  inTurn<Result>(act: () => Promise<Result>): Promise<Result>;
}

const mostAtOnce = 4;
const mostRead = 2;
/** Kept free for everything else. */
const reserveBytes = 500_000_000;

export function createReceiving(files: UploadFiles, mostBytes: number): Receiving {
  const people = new Map<string, number>();
  const uploads = new Set<number>();
  const waiting: (() => void)[] = [];
  let reading = 0;
  return {
    files,
    mostBytes,
    busy: {
      async withinPerson(user, act) {
        const count = people.get(user) ?? 0;
        if (count >= mostAtOnce) throw new LimitExceededError(`You have ${count} uploads under way; wait until one of them is done.`);
        people.set(user, count + 1);
        try {
          return await act();
        } finally {
          const left = (people.get(user) ?? 1) - 1;
          if (left > 0) people.set(user, left);
          else people.delete(user);
        }
      },
      async alone(upload, act) {
        if (uploads.has(upload)) throw new ConflictError('Something else is being done with this upload; wait until it is done.');
        uploads.add(upload);
        try {
          return await act();
        } finally {
          uploads.delete(upload);
        }
      },
      async inTurn(act) {
        if (reading === mostRead) await new Promise<void>((resolve) => waiting.push(resolve));
        else reading += 1;
        try {
          return await act();
        } finally {
          const next = waiting.shift();
          if (next) next();
          else reading -= 1;
        }
      },
    },
  };
}

/** Throws TooLargeError or NoRoomError. bytes: of the whole file; missing: of them, those that are not there yet. */
export async function checkSize({ files, mostBytes }: Receiving, bytes: number, missing: number): Promise<void> {
  if (bytes > mostBytes)
    throw new TooLargeError(`The file has ${bytes} bytes, and ${mostBytes} are the most here (--upload-limit, in MB, says how many).`);
  const { bavail, bsize } = await statfs(files.folder);
  if (bavail * bsize - missing < reserveBytes) throw new NoRoomError('The disk of the server has no room for the file.');
}

/** A path for bytes that have no row yet. */
export const incomingPath = ({ files }: Receiving) => join(files.folder, `incoming-${randomUUID()}`);

export interface Arrived {
  bytes: number;
  sha256: string;
}

/**
 * Writes a new file of at most so many bytes, hashed on their way. Where that fails, nothing is left of it.
 * Throws TooLargeError, NoRoomError, or what the content throws.
 */
export async function writeNew(path: string, content: AsyncIterable<Uint8Array>, most: number): Promise<Arrived> {
  const hash = createHash('sha256');
  try {
    const bytes = await write(path, 'wx', 0, content, most, (chunk) => hash.update(chunk));
    return { bytes, sha256: hash.digest('hex') };
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

/**
 * Goes on writing a file that has `offset` bytes. What arrived before a failure stays, unless it was more than `most`.
 * Returns how many bytes were added.
 */
export const writeOn = (path: string, offset: number, content: AsyncIterable<Uint8Array>, most: number): Promise<number> =>
  write(path, 'r+', offset, content, most);

async function write(
  path: string,
  flags: 'wx' | 'r+',
  offset: number,
  content: AsyncIterable<Uint8Array>,
  most: number,
  seen: (chunk: Uint8Array) => void = () => {},
): Promise<number> {
  const file = await open(path, flags, 0o600);
  let added = 0;
  try {
    for await (const chunk of content) {
      if (added + chunk.length > most) {
        await file.truncate(offset);
        throw new TooLargeError(`More than ${most} bytes arrived.`);
      }
      seen(chunk);
      for (let done = 0; done < chunk.length; )
        done += (await file.write(chunk, done, chunk.length - done, offset + added + done)).bytesWritten;
      added += chunk.length;
    }
    await file.sync();
    return added;
  } catch (error) {
    throw /^(ENOSPC|EDQUOT)$/.test((error as NodeJS.ErrnoException).code ?? '')
      ? new NoRoomError('The disk of the server is full.')
      : error;
  } finally {
    await file.close();
  }
}
