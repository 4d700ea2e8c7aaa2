/** What lies in the data folder is for the user that RiftLab runs as: weights, secrets, logs, the database. */
import { chmod, lstat, readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { StartError } from '../errors.ts';

/** Files that this process and its children make are 0600, folders 0700. */
export function createClosed(): void {
  process.umask(0o077);
}

/** Postgres keeps its own files closed and belongs to another account under root; datasets are the person's own, and public. */
const left = ['postgres/data', 'datasets'];

/**
 * Takes the rights of others from a folder and everything in it, as far as it is made by RiftLab. Links are not followed.
 * Throws StartError where that is for another user to do.
 */
export async function closeFolder(data: string): Promise<void> {
  const folder = await realpath(data);
  const skipped = new Set(left.map((path) => join(folder, path)));
  const close = async (path: string): Promise<void> => {
    const found = await lstat(path).catch(unlessGone);
    if (!found || found.isSymbolicLink() || skipped.has(path)) return;
    if (found.mode & 0o077) await chmod(path, found.mode & 0o700).catch((error) => explain(error, path));
    if (!found.isDirectory()) return;
    for (const name of (await readdir(path).catch(unlessGone)) ?? []) await close(join(path, name));
  };
  await close(folder);
}

/** Files come and go while workers of other machines use the folder. */
function unlessGone(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

function explain(error: NodeJS.ErrnoException, path: string): void {
  if (error.code === 'ENOENT') return;
  if (error.code !== 'EPERM') throw error;
  throw new StartError(
    `Others may read ${path}, and only its owner can change that. Start RiftLab as that user, or make it yours: chown -R $(id -un) ${path}`,
  );
}
