/** The data folder: made, writable, with room on its disk, and used by one server at a time. */
import { mkdir, readFile, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Config, StartError } from '../config.ts';
import { closeFolder } from './closed-folder.ts';
import { isSameProcess, markOf, type ProcessMark } from './process-mark.ts';

export interface DataFolder {
  /** Lets other servers use it again. */
  release(): Promise<void>;
}

const leastFreeBytes = 500_000_000;

interface Lock extends ProcessMark {
  since: string;
}

/** Throws StartError when the folder can't be used, saying why and what to do. */
export async function openDataFolder({ data, datasets }: Config): Promise<DataFolder> {
  if (datasets.given) await checkDatasets(datasets.folder);
  await mkdir(data, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    throw explain(error, data);
  });
  await closeFolder(data);
  await checkRoom(data);
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
    await rm(path, { force: true });
  }
  throw new StartError(`The data folder ${data} could not be locked: another RiftLab starts there at the same moment. Try again.`);
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
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory())
    throw new StartError(`The datasets folder ${folder} does not exist. Correct --datasets, or leave it out: MNIST needs no folder.`);
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

function explain(error: NodeJS.ErrnoException, data: string): Error {
  const reasons: Record<string, string> = {
    EACCES: 'this user may not write there',
    EPERM: 'this user may not write there',
    EROFS: 'its disk is read-only',
    ENOSPC: 'its disk is full',
    ENOTDIR: 'a part of the path is a file',
    EEXIST: 'it is a file',
  };
  const reason = reasons[error.code ?? ''];
  return reason ? new StartError(`The data folder ${data} can't be used: ${reason}. Choose another: --data DIR.`) : error;
}
