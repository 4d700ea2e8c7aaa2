/** Who may read the data folder: only the user that RiftLab runs as, after a run on a real server too. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, chown, lstat, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeFolder } from '../../../server/start/closed-folder.ts';
import { smallTraining, waitUntil } from '../../helpers/runs.ts';
import { startServer } from '../../helpers/server.ts';

let folder: string;
let data: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'riftlab-test-closed-'));
  await chmod(folder, 0o755);
  data = join(folder, 'data');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const rights = async (path: string) => ((await lstat(path)).mode & 0o777).toString(8);

/** Everything in a folder that others may do something with, and how many files it has. */
async function openFiles(path: string): Promise<{ open: string[]; files: number }> {
  const names = await readdir(path, { recursive: true });
  const open = [];
  for (const name of ['.', ...names]) {
    const mode = (await lstat(join(path, name)).catch(() => undefined))?.mode ?? 0;
    if (mode & 0o077) open.push(`${name} ${(mode & 0o777).toString(8)}`);
  }
  return { open, files: names.length };
}

describe('the data folder of a server', () => {
  it('is closed to others, with every file of a run, and an open one is closed at start', async () => {
    await mkdir(join(data, 'artifacts/ab'), { recursive: true, mode: 0o755 });
    await writeFile(join(data, 'server.log'), '', { mode: 0o644 });
    await writeFile(join(data, 'artifacts/ab/cd'), 'weights', { mode: 0o644 });
    await chmod(data, 0o777);
    const server = await startServer(data, '--no-demo');
    try {
      await server.query('mutation { createProject(input: { name: "closed" }) { id } }');
      const { startTraining } = await server.query<{ startTraining: { id: string } }>(
        'mutation ($input: StartTrainingInput!) { startTraining(input: $input) { id } }',
        { input: { project: 'closed', training: smallTraining, evaluation: { images: 16 } } },
      );
      const looked = new Set<string>();
      await waitUntil(async () => {
        const { run } = await server.query<{ run: { state: string } }>('query ($id: ID!) { run(id: $id) { state } }', startTraining);
        if (!looked.has(run.state)) expect((await openFiles(data)).open).toEqual([]);
        looked.add(run.state);
        return run.state === 'FINISHED';
      });
      const { open, files } = await openFiles(data);
      expect(open).toEqual([]);
      expect(files).toBeGreaterThan(900);
      expect(await rights(data)).toBe('700');
      for (const file of ['admin-token', 'session-secret', 'database-url', 'server.log', 'postgres/password', 'postgres/postgres.log'])
        expect(await rights(join(data, file)), file).toBe('600');
    } finally {
      await server.end('SIGTERM');
    }
  });
});

describe('closing a folder', () => {
  it('follows no link, and leaves datasets as they are', async () => {
    const own = join(folder, 'own');
    await mkdir(join(own, 'datasets'), { recursive: true });
    await writeFile(join(folder, 'outside'), '');
    await chmod(join(folder, 'outside'), 0o644);
    await chmod(join(own, 'datasets'), 0o755);
    await symlink(join(folder, 'outside'), join(own, 'link'));
    await symlink(own, join(folder, 'other-name'));
    await closeFolder(join(folder, 'other-name'));
    expect(await rights(join(folder, 'outside'))).toBe('644');
    expect(await rights(join(own, 'datasets'))).toBe('755');
    expect(await rights(own)).toBe('700');
    expect(existsSync(join(own, 'link'))).toBe(true);
  });

  it('takes nothing from its owner', async () => {
    const own = join(folder, 'kept');
    await mkdir(own);
    await writeFile(join(own, 'program'), '');
    await chmod(join(own, 'program'), 0o755);
    await closeFolder(own);
    expect(await rights(join(own, 'program'))).toBe('700');
  });

  it.runIf(process.getuid?.() === 0)('a part of which belongs to root tells another user what to do', async () => {
    // The folder, a folder in it, a file in it, the database.
    const names = ['.', 'artifacts', 'session-secret', 'postgres/data'];
    const folders: string[] = [];
    for (const name of names) {
      const theirs = await mkdtemp(join(folder, 'theirs-'));
      folders.push(theirs);
      await mkdir(join(theirs, 'artifacts'));
      await mkdir(join(theirs, 'postgres/data'), { recursive: true });
      await writeFile(join(theirs, 'session-secret'), '', { mode: 0o600 });
      const all = ['.', 'artifacts', 'postgres', 'postgres/data', 'session-secret'];
      for (const one of all) if (one !== name) await chown(join(theirs, one), nobody, nobody);
      await chmod(join(theirs, name), 0o700);
    }
    expect(closeAs(nobody, folders)).toEqual(
      names.map((name, index) => {
        const path = join(folders[index] as string, name);
        return (
          `${path} belongs to another user, and this one may not read and write it. ` +
          `Start RiftLab as that user, or make it yours: chown -R $(id -un) ${path}`
        );
      }),
    );
  });
});

const nobody = 65_534;

/** What another user is told who closes these folders, one after the other: the source is read as ourselves, before. */
function closeAs(user: number, paths: readonly string[]): string[] {
  const source = join(import.meta.dirname, '../../../server/start/closed-folder.ts');
  const script = `
    const { closeFolder } = await import(${JSON.stringify(source)});
    process.setgid(${user});
    process.setuid(${user});
    const said = [];
    for (const path of ${JSON.stringify(paths)}) await closeFolder(path).catch(({ message }) => said.push(message));
    process.stdout.write(JSON.stringify(said));`;
  const { stdout } = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], { encoding: 'utf8' });
  return JSON.parse(stdout);
}
