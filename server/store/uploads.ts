/** Files on their way to becoming checkpoints: a row each, and the bytes under its id in the uploads folder. */
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database, Transaction } from './database.ts';
import type { UploadRecord } from './records.ts';

export interface UploadFiles {
  readonly folder: string;
  /** Where the bytes of an upload lie. */
  pathOf(id: number): string;
  /** How many bytes are there. */
  received(id: number): Promise<number>;
  remove(id: number): Promise<void>;
}

export async function openUploadFiles(folder: string): Promise<UploadFiles> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const pathOf = (id: number) => join(folder, String(id));
  return {
    folder,
    pathOf,
    received: (id) =>
      stat(pathOf(id)).then(
        ({ size }) => size,
        () => 0,
      ),
    remove: (id) => rm(pathOf(id), { force: true }),
  };
}

export interface NewUpload {
  userId: string;
  bytes: number;
  /** Null while bytes are missing. */
  sha256: string | null;
}

/** Gives bytes that lie at `from` a row, and their place. */
export async function addUpload(transaction: Transaction, files: UploadFiles, from: string, upload: NewUpload): Promise<UploadRecord> {
  const row = await transaction.upload.create({ data: upload });
  await rename(from, files.pathOf(row.id));
  return row;
}

/** Null for one of somebody else, too. */
export const findUpload = ({ prisma }: Database, userId: string, id: number): Promise<UploadRecord | null> =>
  prisma.upload.findFirst({ where: { id, userId } });

export const completeUpload = (transaction: Transaction, id: number, sha256: string): Promise<UploadRecord> =>
  transaction.upload.update({ where: { id }, data: { sha256, usedAt: new Date() } });

/** Keeps it for another while. */
export const touchUpload = async ({ prisma }: Database, id: number): Promise<void> => {
  await prisma.upload.updateMany({ where: { id }, data: { usedAt: new Date() } });
};

export const becomeCheckpoint = (transaction: Transaction, id: number, checkpointId: number, importedAs: string): Promise<UploadRecord> =>
  transaction.upload.update({ where: { id }, data: { checkpointId, importedAs, usedAt: new Date() } });

export async function removeUpload({ prisma }: Database, files: UploadFiles, id: number): Promise<void> {
  await prisma.upload.deleteMany({ where: { id } });
  await files.remove(id);
}

/** Uploads of a person that still take room. */
export async function keptUploads({ prisma }: Database, userId: string): Promise<{ count: number; bytes: number }> {
  const { _count, _sum } = await prisma.upload.aggregate({ where: { userId, checkpointId: null }, _count: true, _sum: { bytes: true } });
  return { count: _count, bytes: Number(_sum.bytes ?? 0) };
}

/** Removes uploads that nobody has used since `before`, and files without a row that nothing has written to since `strayBefore`. */
export async function removeOldUploads({ prisma }: Database, files: UploadFiles, before: Date, strayBefore = before): Promise<void> {
  await prisma.upload.deleteMany({ where: { usedAt: { lt: before } } });
  for (const name of await readdir(files.folder)) {
    const path = join(files.folder, name);
    const isKnown = /^\d{1,9}$/.test(name) && (await prisma.upload.count({ where: { id: Number(name), checkpointId: null } })) > 0;
    const found = isKnown ? null : await stat(path).catch(() => null);
    if (found && found.mtime < strayBefore) await rm(path, { recursive: true, force: true });
  }
}
