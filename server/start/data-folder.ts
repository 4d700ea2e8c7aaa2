/** The data folder: made, writable, with room on its disk, and used by one server at a time. */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { StartError } from '../errors.ts';
import { closeFolder } from './closed-folder.ts';
import { type FolderLockOptions, isHeldHere, lockFolder } from './folder-lock.ts';

export interface DataFolderOptions extends FolderLockOptions {
  /** Called when a disk is nearly full. */
  onScarce?: (message: string) => void;
  /** Between two looks at the disks. */
  roomMilliseconds?: number;
}

export interface DataFolder {
  /** Lets other servers use it again. */
  release(): Promise<void>;
}

const leastFreeBytes = 500_000_000;
const scarceBytes = 200_000_000;

/** Each may be a link to another disk, or belong to somebody else. */
const keptFolders = ['artifacts', 'scratch', 'devices', 'uploads'];

const foldersOf = (data: string) => [data, ...keptFolders.map((name) => join(data, name))];

/** Throws StartError when the folder can't be used, saying why and what to do. */
export async function openDataFolder({ data, datasets }: Config, options: DataFolderOptions = {}): Promise<DataFolder> {
  if (datasets.given) await checkDatasets(datasets.folder);
  await makeFolder(data);
  await closeFolder(data);
  await checkRoom(data);
  for (const folder of foldersOf(data)) await checkWritable(folder);
  for (const folder of foldersOf(data)) await checkRoom(folder);
  const release = await lockFolder(lockOf(data), data, options).catch((error) => {
    throw explain(error as NodeJS.ErrnoException, data);
  });
  const stopWatching = options.onScarce ? watchRoom(data, options.onScarce, options.roomMilliseconds) : () => {};
  return {
    release() {
      stopWatching();
      return release();
    },
  };
}

const lockOf = (data: string) => join(data, 'server.lock');

/** Whether a server of this machine runs on this folder. */
export const isInUse = (data: string): Promise<boolean> => isHeldHere(lockOf(data));

async function checkDatasets(folder: string): Promise<void> {
  await readdir(folder).catch(({ code }: NodeJS.ErrnoException) => {
    const reason = code === 'ENOENT' ? 'does not exist' : code === 'ENOTDIR' ? 'is no folder' : `can't be read by this user (${code})`;
    throw new StartError(`The datasets folder ${folder} ${reason}. Correct --datasets, or leave it out: MNIST needs no folder.`);
  });
}

async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    throw explain(error, folder);
  });
}

async function checkWritable(folder: string): Promise<void> {
  await makeFolder(folder);
  const file = join(folder, `.written-${randomBytes(4).toString('hex')}`);
  try {
    await writeFile(file, 'x', { flag: 'wx' });
  } catch (error) {
    throw explain(error as NodeJS.ErrnoException, folder);
  } finally {
    await rm(file, { force: true });
  }
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

const onlyFree = (free: number, folder: string) => `Only ${Math.floor(free / 1e6)} MB are free on the disk of ${folder}`;

async function checkRoom(folder: string): Promise<void> {
  const free = await freeBytes(folder);
  if (free < leastFreeBytes)
    throw new StartError(
      `${onlyFree(free, folder)}; RiftLab needs ${leastFreeBytes / 1e6} MB. Make room, or choose a folder on another disk: --data DIR.`,
    );
}

/** The folder whose disk has the least room. */
async function scarcest(data: string): Promise<{ folder: string; free: number }> {
  const room = async (folder: string) => ({ folder, free: await freeBytes(folder).catch(() => Number.POSITIVE_INFINITY) });
  const all = await Promise.all(foldersOf(data).map(room));
  return all.reduce((least, other) => (other.free < least.free ? other : least));
}

/** Tells once, each time that room becomes scarce while the server runs. */
function watchRoom(data: string, onScarce: (message: string) => void, milliseconds = 5000): () => void {
  let told = false;
  const timer = setInterval(async () => {
    const { folder, free } = await scarcest(data);
    if (free < scarceBytes && !told)
      onScarce(`${onlyFree(free, folder)}. Make room: once it is full nothing can be kept, and runs wait or stop until there is some.`);
    told = free < (told ? leastFreeBytes : scarceBytes);
  }, milliseconds).unref();
  return () => clearInterval(timer);
}

function explain(error: NodeJS.ErrnoException, folder: string): Error {
  const reasons: Record<string, string> = {
    EACCES: 'this user may not write there',
    EPERM: 'this user may not write there',
    EROFS: 'its disk is read-only',
    ENOSPC: 'its disk is full',
    ENOTDIR: 'a part of the path is a file',
    EEXIST: 'it is a file',
    ENOENT: 'it leads nowhere',
    EDQUOT: 'the quota of this user is used up',
    ELOOP: 'it is a link to itself',
    ENAMETOOLONG: 'its name is too long',
  };
  const reason = reasons[error.code ?? ''];
  return reason ? new StartError(`The data folder ${folder} can't be used: ${reason}. Choose another: --data DIR.`) : error;
}
