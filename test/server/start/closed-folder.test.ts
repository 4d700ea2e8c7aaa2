/** Who may read the data folder: only the user that RiftLab runs as. What a server does to its own: server.test.ts, and closed-folder.long.test.ts. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeFolder } from '../../../server/start/closed-folder.ts';
import { rights } from './rights.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'riftlab-test-closed-'));
  await chmod(folder, 0o755);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

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
