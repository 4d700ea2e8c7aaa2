/** What lies in the data folder is for the user that RiftLab runs as: weights, secrets, logs, the database. */
import { access, chmod, constants, lstat, readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { StartError } from '../errors.ts';

/** Files that this process and its children make are 0600, folders 0700. */
export function createClosed(): void {
  process.umask(0o077);
}

/** Postgres keeps its own files closed, and they belong to another account under root. */
const keptClosed = 'postgres/data';

/** The person's own, and public. */
const open = 'datasets';

/**
 * Takes the rights of others from a folder and everything in it, as far as it is made by RiftLab. Links are not followed.
 * Throws StartError where that is for another user to do.
 */
export async function closeFolder(data: string): Promise<void> {
  const folder = await realpath(data);
  const close = async (path: string): Promise<void> => {
    const found = await lstat(path).catch(unlessGone);
    if (!found || found.isSymbolicLink() || path === join(folder, open)) return;
    if (found.uid !== process.getuid?.()) await checkReach(path, found.isDirectory());
    if (path === join(folder, keptClosed)) return;
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

/** Somebody else's, as of a start by root: it would stop a later step of this one, or a run. */
async function checkReach(path: string, isFolder: boolean): Promise<void> {
  const { R_OK, W_OK, X_OK } = constants;
  await access(path, isFolder ? R_OK | W_OK | X_OK : R_OK | W_OK).catch(({ code }: NodeJS.ErrnoException) => {
    if (code === 'ENOENT') return;
    throw new StartError(
      `${path} belongs to another user, and this one may not read and write it. Start RiftLab as that user, or make it yours: ` +
        `chown -R $(id -un) ${path}`,
    );
  });
}

function explain(error: NodeJS.ErrnoException, path: string): void {
  if (error.code === 'ENOENT') return;
  if (error.code !== 'EPERM') throw error;
  throw new StartError(
    `Others may read ${path}, and only its owner can change that. Start RiftLab as that user, or make it yours: chown -R $(id -un) ${path}`,
  );
}
