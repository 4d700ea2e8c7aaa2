/** The data folder: made, writable, with room on its disk, and used by one server at a time. */
import { randomBytes } from 'node:crypto';
import { link, mkdir, readdir, readFile, rename, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { StartError } from '../errors.ts';
import { closeFolder } from './closed-folder.ts';
import { isSameProcess, markOf, type ProcessMark } from './process-mark.ts';

export interface DataFolder {
  /** Lets other servers use it again. */
  release(): Promise<void>;
}

const leastFreeBytes = 500_000_000;

/** Each may be a link to another disk, or belong to somebody else. */
const keptFolders = ['artifacts', 'scratch', 'devices', 'uploads'];

interface Lock extends ProcessMark {
  since: string;
}

/** Throws StartError when the folder can't be used, saying why and what to do. */
export async function openDataFolder({ data, datasets }: Config): Promise<DataFolder> {
  if (datasets.given) await checkDatasets(datasets.folder);
  await makeFolder(data);
  await closeFolder(data);
  await checkRoom(data);
  for (const folder of [data, ...keptFolders.map((name) => join(data, name))]) await checkWritable(folder);
  const path = join(data, 'server.lock');
  await takeLock(path, data);
  return { release: () => rm(path, { force: true }) };
}

async function takeLock(path: string, data: string): Promise<void> {
  const lock: Lock = { ...markOf(process.pid), since: new Date().toISOString() };
  for (let attempt = 0; attempt < 5; attempt++) {
    try {
      await writeFile(path, JSON.stringify(lock), { flag: 'wx', mode: 0o600 });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw explain(error as NodeJS.ErrnoException, data);
    }
    const holder = await readLock(path);
    if (holder && isSameProcess(holder)) {
      throw new StartError(
        `The data folder ${data} is in use by a RiftLab with process id ${holder.pid}, running since ${holder.since}. ` +
          `Use that one, end it (kill ${holder.pid}), or start with another folder: --data DIR.`,
      );
    }
    await clearLock(path, holder);
  }
  throw new StartError(`The data folder ${data} could not be locked: another RiftLab starts there at the same moment. Try again.`);
}

/** Two starts may find the same dead lock: what is cleared away must still be that one, and not the other start's own. */
async function clearLock(path: string, dead: Lock | undefined): Promise<void> {
  const aside = `${path}.${randomBytes(4).toString('hex')}`;
  await rename(path, aside).catch(() => {});
  const found = await readLock(aside);
  if (found && found.since !== dead?.since) await link(aside, path).catch(() => {});
  await rm(aside, { force: true });
}

/** Whether a server runs on this folder. */
export async function isInUse(data: string): Promise<boolean> {
  const holder = await readLock(join(data, 'server.lock'));
  return holder !== undefined && isSameProcess(holder);
}

/** Undefined when the file is damaged or gone: nobody's. */
async function readLock(path: string): Promise<Lock | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Lock;
  } catch {
    return undefined;
  }
}

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

async function checkRoom(data: string): Promise<void> {
  const { bavail, bsize } = await statfs(data);
  const free = bavail * bsize;
  if (free < leastFreeBytes)
    throw new StartError(
      `Only ${Math.floor(free / 1e6)} MB are free on the disk of ${data}; RiftLab needs ${leastFreeBytes / 1e6} MB. ` +
        'Make room, or choose a folder on another disk: --data DIR.',
    );
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
