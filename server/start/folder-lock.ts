/** The lock of a data folder: one server at a time, on whatever machine. */
import { randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { link, open, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartError } from '../errors.ts';
import { isSameProcess, markOf, type ProcessMark } from './process-mark.ts';

export interface FolderLockOptions {
  /** Whoever holds the lock elsewhere is watched so long for a sign of life. */
  watchMilliseconds?: number;
  /** Called when that begins. */
  onWatch?: (message: string) => void;
  /** Called when another server has taken the folder, which happens to one that slept. */
  onLost?: (message: string) => void;
}

interface Lock extends ProcessMark {
  since: string;
  host?: string;
  /** Where process ids mean the same: this machine since it was started, this container. */
  place?: string;
}

/** A holder gives a sign of life so often: the lock's time of change moves. */
const beatMilliseconds = 2000;

/** Resolves to what lets the lock go again. Throws StartError when another server has it. */
export async function lockFolder(path: string, data: string, options: FolderLockOptions = {}): Promise<() => Promise<void>> {
  const lock: Lock = { ...markOf(process.pid), since: new Date().toISOString(), host: hostname(), place: placeOfProcesses() };
  for (let attempt = 0; attempt < 5; attempt++) {
    try {
      await writeFile(path, JSON.stringify(lock), { flag: 'wx', mode: 0o600 });
      return keep(path, data, lock, options);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = await readLock(path);
    if (holder && (await isAlive(path, data, holder, options))) throw inUse(data, holder);
    await clearLock(path, holder);
  }
  throw new StartError(`The data folder ${data} could not be locked: another RiftLab starts there at the same moment. Try again.`);
}

function keep(path: string, data: string, lock: Lock, { onLost }: FolderLockOptions): () => Promise<void> {
  const isOurs = async () => {
    const found = await readLock(path);
    return !found || (found.since === lock.since && found.pid === lock.pid);
  };
  const beat = setInterval(async () => {
    if (await isOurs()) return void (await utimes(path, new Date(), new Date()).catch(() => {}));
    clearInterval(beat);
    onLost?.(`Another RiftLab has taken the data folder ${data} while this one gave no sign of life.`);
  }, beatMilliseconds).unref();
  return async () => {
    clearInterval(beat);
    if (await isOurs()) await rm(path, { force: true });
  };
}

/** Whether a server of this machine runs on this lock's folder. */
export async function isHeldHere(path: string): Promise<boolean> {
  const holder = await readLock(path);
  return holder !== undefined && isHere(holder) && isSameProcess(holder);
}

const isHere = ({ place }: Lock) => place === undefined || place === placeOfProcesses();

async function isAlive(path: string, data: string, holder: Lock, options: FolderLockOptions): Promise<boolean> {
  if (isHere(holder)) return isSameProcess(holder);
  const { watchMilliseconds = 5 * beatMilliseconds, onWatch } = options;
  onWatch?.(
    `The data folder ${data} was locked by a RiftLab on ${holder.host} at ${holder.since}. Looking for a sign of life, ` +
      `${Math.round(watchMilliseconds / 1000)} s at most …`,
  );
  const before = await changedAt(path);
  const deadline = performance.now() + watchMilliseconds;
  while (performance.now() < deadline) {
    if ((await changedAt(path)) !== before) return true;
    await sleep(Math.min(200, watchMilliseconds / 10));
  }
  return false;
}

/** On shared disks only a file that was opened anew tells the truth about its time. */
async function changedAt(path: string): Promise<number | undefined> {
  const file = await open(path).catch(() => undefined);
  try {
    return (await file?.stat())?.mtimeMs;
  } finally {
    await file?.close();
  }
}

function inUse(data: string, holder: Lock): StartError {
  const { pid, host, since } = holder;
  const [where, end] = isHere(holder) ? ['', `kill ${pid}`] : [` on ${host}`, `kill ${pid} there`];
  return new StartError(
    `The data folder ${data} is in use by a RiftLab with process id ${pid}${where}, running since ${since}. ` +
      `Use that one, end it (${end}), or start with another folder: --data DIR.`,
  );
}

/** Two starts may find the same dead lock: what is cleared away must still be that one, and not the other start's own. */
async function clearLock(path: string, dead: Lock | undefined): Promise<void> {
  const aside = `${path}.${randomBytes(4).toString('hex')}`;
  await rename(path, aside).catch(() => {});
  const found = await readLock(aside);
  if (found && found.since !== dead?.since) await link(aside, path).catch(() => {});
  await rm(aside, { force: true });
}

/** Undefined when the file is damaged or gone: nobody's. */
async function readLock(path: string): Promise<Lock | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Lock;
  } catch {
    return undefined;
  }
}

function placeOfProcesses(): string {
  const parts = [() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(), () => readlinkSync('/proc/self/ns/pid')];
  return [hostname(), ...parts.map(orNothing)].join(' ');
}

/** Only Linux says these. */
function orNothing(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
