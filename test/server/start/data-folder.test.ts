import { execFileSync, spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConfig } from '../../../server/config.ts';
import { openDataFolder } from '../../../server/start/data-folder.ts';
import { markOf } from '../../../server/start/process-mark.ts';
import { waitUntil } from '../../helpers/runs.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'riftlab-test-folder-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = (data = join(folder, 'data'), ...more: string[]) => openDataFolder(readConfig(['--data', data, ...more], {}));
const lock = () => join(folder, 'data', 'server.lock');

describe('the data folder', () => {
  it('is used by one server at a time', async () => {
    const first = await open();
    expect((await stat(lock())).mode & 0o777).toBe(0o600);
    await expect(open()).rejects.toThrow(`is in use by a RiftLab with process id ${process.pid}`);
    await first.release();
    await (await open()).release();
  });

  it('is free again after the server was killed, even when its process id is used again', async () => {
    const other = spawn('sleep', ['60']);
    const pid = other.pid ?? 0;
    await (await open()).release();
    await writeFile(lock(), JSON.stringify({ ...markOf(pid), since: 'then' }));
    await expect(open()).rejects.toThrow(`process id ${pid}`);
    await writeFile(lock(), JSON.stringify({ pid, began: '1', since: 'then' }));
    await (await open()).release();
    await writeFile(lock(), JSON.stringify({ ...markOf(pid), since: 'then' }));
    other.kill('SIGKILL');
    await new Promise((resolve) => other.on('exit', resolve));
    await (await open()).release();
    await writeFile(lock(), 'half a fi');
    await (await open()).release();
  });

  it('that a server on another machine locked is left to that one while it gives signs of life, and taken when it does not', async () => {
    await (await open()).release();
    const theirs = { ...markOf(process.pid), since: 'then', host: 'gpu-2', place: 'gpu-2 another boot' };
    await writeFile(lock(), JSON.stringify(theirs));
    const said: string[] = [];
    let sign = 0;
    const beat = setInterval(() => utimes(lock(), ++sign, sign).catch(() => {}), 20);
    const watch = (watchMilliseconds: number) =>
      openDataFolder(readConfig(['--data', join(folder, 'data')], {}), { watchMilliseconds, onWatch: (message) => said.push(message) });
    await expect(watch(60_000)).rejects.toThrow(`is in use by a RiftLab with process id ${process.pid} on gpu-2, running since then.`);
    clearInterval(beat);
    expect(said).toEqual([expect.stringContaining('was locked by a RiftLab on gpu-2 at then. Looking for a sign of life, 60 s at most')]);
    await (await watch(300)).release();
  });

  it('tells a server that slept when another one has taken it, and leaves it to that one', async () => {
    let tell = (_message: string) => {};
    const told = new Promise<string>((resolve) => {
      tell = resolve;
    });
    const first = await openDataFolder(readConfig(['--data', join(folder, 'data')], {}), { onLost: tell });
    await writeFile(lock(), JSON.stringify({ pid: 1, began: null, since: 'later', host: 'gpu-2', place: 'gpu-2 another boot' }));
    expect(await told).toContain('Another RiftLab has taken the data folder');
    await first.release();
    expect(await readFile(lock(), 'utf8')).toContain('gpu-2');
  });

  it('shows that its server lives', async () => {
    const first = await open();
    await utimes(lock(), 1, 1);
    await waitUntil(async () => (await stat(lock())).mtimeMs > 1000);
    await first.release();
  });

  it('must be a folder that can be written', async () => {
    await writeFile(join(folder, 'file'), 'x');
    await expect(open(join(folder, 'file'))).rejects.toThrow(/The data folder .* can't be used: .*Choose another: --data DIR/);
    await expect(open(join(folder, 'file', 'below'))).rejects.toThrow("can't be used: a part of the path is a file");
    expect(await readFile(join(folder, 'file'), 'utf8')).toBe('x');
  });

  it.skipIf(process.getuid?.() === 0)('says when this user may not write there', async () => {
    await chmod(folder, 0o500);
    await expect(open()).rejects.toThrow('this user may not write there');
    await chmod(folder, 0o700);
  });

  it('needs a datasets folder only when one is named', async () => {
    await expect(open(join(folder, 'data'), '--datasets', join(folder, 'none'))).rejects.toThrow(`${join(folder, 'none')} does not exist`);
    await (await open()).release();
  });
});

/** A small disk of its own, whose size can change; null where this user may mount none. */
function smallDisk(place: string): { resize(megabytes: number): void; remove(): void } | null {
  const run = (command: string, ...options: string[]) => execFileSync(command, [...options, place], { stdio: 'ignore' });
  try {
    run('mount', '-t', 'tmpfs', '-o', 'size=700m', 'tmpfs');
  } catch {
    return null;
  }
  return { resize: (megabytes) => run('mount', '-o', `remount,size=${megabytes}m`), remove: () => run('umount') };
}

describe.each([
  ['data', ''],
  ['artifacts, on another disk', 'artifacts'],
])('the disk of %s', (_what, kept) => {
  it('is watched: that room becomes scarce is told once, and again after there was some', async ({ skip }) => {
    const place = join(folder, 'disk');
    const data = kept ? join(folder, 'data') : place;
    await mkdir(place);
    if (kept) {
      await mkdir(data);
      await symlink(place, join(data, kept));
    }
    const disk = smallDisk(place);
    if (!disk) return skip('mounting a disk needs root');
    try {
      const config = readConfig(['--data', data], {});
      const said: string[] = [];
      const used = await openDataFolder(config, { onScarce: (message) => said.push(message), roomMilliseconds: 10 });
      disk.resize(150);
      await waitUntil(async () => said.length === 1);
      expect(said[0]).toMatch(/^Only 1[45]\d MB are free on the disk of .*\. Make room: once it is full nothing can be kept/);
      expect(said[0]).toContain(`the disk of ${kept ? join(data, kept) : data}`);
      // However seldom it looks, it sees room and then none.
      for (let turn = 0; said.length === 1; turn++) {
        disk.resize(turn % 2 === 0 ? 700 : 150);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      await used.release();
      disk.resize(150);
      await expect(openDataFolder(config)).rejects.toThrow(/^Only 1[45]\d MB are free on the disk of .*; RiftLab needs 500 MB\. Make room/);
      disk.resize(700);
      await (await openDataFolder(config)).release();
    } finally {
      disk.remove();
    }
  });
});
