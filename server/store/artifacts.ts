/** Content-addressed files: bytes lie under their SHA-256, as ab/cdef…, are never changed, and are used only while that is so. */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { link, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Transaction } from './database.ts';
import { hashFile } from './file-hash.ts';

export interface Artifact {
  /** 64 lowercase hex digits. */
  sha256: string;
  bytes: number;
}

/** Stored bytes are gone or are not what they were; the message names the file. */
export class DamageError extends Error {
  override readonly name = 'DamageError';
  readonly sha256: string;
  readonly hint =
    'Restore that file from a backup of the data folder, or import the same weights once more; until then nothing that is built on it can be used.';

  constructor(sha256: string, message: string) {
    super(message);
    this.sha256 = sha256;
  }
}

export interface Artifacts {
  readonly folder: string;
  /** Keeps the bytes durably: they are on disk under their hash when this resolves. Known bytes are not written again. */
  add(content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Artifact>;
  /**
   * Keeps a file. known: its SHA-256 and length, where they were just computed; then its bytes are neither read nor copied
   * where folder and file are on one disk, and nobody may change the file any more.
   */
  addFile(path: string, known?: Artifact): Promise<Artifact>;
  /**
   * Where the bytes of this hash lie. They are hashed unless they were before and the file is as it was then.
   * Throws DamageError where they are gone or others.
   */
  locate(sha256: string): Promise<string>;
  /** Deletes the bytes; forgetArtifact is the way that keeps what is referred to. */
  remove(sha256: string): Promise<void>;
}

export async function openArtifacts(folder: string): Promise<Artifacts> {
  await mkdir(folder, { recursive: true });
  const pathOf = (sha256: string) => join(folder, sha256.slice(0, 2), sha256.slice(2));
  const nameOf = (sha256: string) => join(basename(folder), sha256.slice(0, 2), sha256.slice(2));

  /** Files whose bytes were right, as they were then; a change shows in the times that the system keeps. */
  const verified = new Map<string, string>();

  async function locate(sha256: string): Promise<string> {
    const path = pathOf(sha256);
    const found = await stat(path, { bigint: true }).catch(() => {
      throw new DamageError(sha256, `The stored file ${nameOf(sha256)} is missing.`);
    });
    const mark = [found.size, found.mtimeNs, found.ctimeNs, found.ino].join(' ');
    if (verified.get(sha256) === mark) return path;
    const { sha256: actual } = await hashFile(path);
    if (actual !== sha256)
      throw new DamageError(sha256, `The stored file ${nameOf(sha256)} is damaged: the SHA-256 of its bytes is ${actual}.`);
    verified.set(sha256, mark);
    return path;
  }

  async function add(content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Artifact> {
    const temporary = join(folder, `incoming-${randomUUID()}`);
    const hash = createHash('sha256');
    let bytes = 0;
    try {
      const file = await open(temporary, 'wx', 0o600);
      try {
        for await (const chunk of content) {
          hash.update(chunk);
          bytes += chunk.byteLength;
          await file.writeFile(chunk);
        }
        await file.sync();
      } finally {
        await file.close();
      }
      const sha256 = hash.digest('hex');
      const path = pathOf(sha256);
      await mkdir(join(path, '..'), { recursive: true });
      await rename(temporary, path);
      await syncFile(join(path, '..'));
      return { sha256, bytes };
    } finally {
      await rm(temporary, { force: true });
    }
  }

  const addFile = (path: string) => add(createReadStream(path, { highWaterMark: 1 << 20 }));

  /** A second name for a file that stands: the first may go. */
  async function addLink(file: string, known: Artifact): Promise<Artifact> {
    const temporary = join(folder, `incoming-${randomUUID()}`);
    const path = pathOf(known.sha256);
    try {
      await link(file, temporary);
      await syncFile(temporary);
      await mkdir(join(path, '..'), { recursive: true });
      await rename(temporary, path);
      await syncFile(join(path, '..'));
      return known;
    } catch (error) {
      if (!/^(EXDEV|EPERM|ENOTSUP|EMLINK)$/.test((error as NodeJS.ErrnoException).code ?? '')) throw error;
      return addFile(file);
    } finally {
      await rm(temporary, { force: true });
    }
  }

  return {
    folder,
    add,
    addFile: (path, known) => (known ? addLink(path, known) : addFile(path)),
    locate,
    remove: (sha256) => rm(pathOf(sha256), { force: true }),
  };
}

/** What was written, or renamed in a folder, survives a power cut only once it is on disk. */
async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Records that these bytes are kept; needed before anything refers to them. */
export async function recordArtifact(transaction: Transaction, artifact: Artifact): Promise<void> {
  await transaction.$executeRaw`INSERT INTO "Artifact" ("sha256", "bytes") VALUES (${artifact.sha256}, ${artifact.bytes}) ON CONFLICT DO NOTHING`;
}

/** Deletes the bytes and the record of an artifact, unless something refers to it. */
export async function forgetArtifact(transaction: Transaction, artifacts: Artifacts, sha256: string): Promise<void> {
  const deleted = await transaction.$executeRaw`
    DELETE FROM "Artifact" a WHERE a."sha256" = ${sha256}
      AND NOT EXISTS (SELECT 1 FROM "Checkpoint" WHERE "artifactSha256" = a."sha256")
      AND NOT EXISTS (SELECT 1 FROM "Stage" WHERE "resumeSha256" = a."sha256")`;
  if (deleted > 0) await artifacts.remove(sha256);
}
