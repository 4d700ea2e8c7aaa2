/** The embedded Postgres, for real: made, stopped, found again, recovered. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Postgres, startPostgres } from '../../../server/store/postgres/postgres.ts';
import { readPostmaster } from '../../../server/store/postgres/postmaster.ts';
import { isAlive } from '../../helpers/worker.ts';

let outside: string;
let folder: string;
let postgres: Postgres | undefined;

beforeAll(async () => {
  outside = await mkdtemp(join(tmpdir(), 'riftlab-test-cluster-'));
  folder = join(outside, 'postgres');
});
afterAll(async () => {
  await postgres?.stop();
  await rm(outside, { recursive: true, force: true });
});

async function query(text: string, url = postgres?.url): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

const pid = async () => (await readPostmaster(join(folder, 'data')))?.pid ?? 0;

describe('the embedded Postgres', () => {
  it('starts in a folder closed to others, with a password of its own', async () => {
    postgres = await startPostgres(folder);
    expect(postgres.found).toBe(false);
    await query('CREATE TABLE kept (value int)');
    expect((await stat(outside)).mode & 0o777).toBe(0o700);
    expect((await stat(join(folder, 'password'))).mode & 0o777).toBe(0o600);
    const wrong = new URL(postgres.url);
    wrong.password = 'wrong';
    await expect(query('SELECT 1', wrong.toString())).rejects.toThrow('password authentication failed');
  });

  it('is taken over when an earlier server left it running', async () => {
    const before = await pid();
    const again = await startPostgres(folder);
    expect(again.found).toBe(true);
    expect(await pid()).toBe(before);
    expect(await query('SELECT count(*)::int FROM kept', again.url)).toEqual([{ count: 0 }]);
  });

  it('is started again at the same port when it is killed', async () => {
    await postgres?.stop();
    const said: string[] = [];
    postgres = await startPostgres(folder, { onRestart: (message) => said.push(message) });
    await query('INSERT INTO kept VALUES (1)');
    process.kill(await pid(), 'SIGKILL');
    for (let attempt = 0; ; attempt++) {
      try {
        expect(await query('SELECT value FROM kept')).toEqual([{ value: 1 }]);
        break;
      } catch (error) {
        if (attempt === 100) throw error;
        await sleep(100);
      }
    }
    expect(said[0]).toBe('Postgres ended by itself; starting it again.');
  });

  it('leaves no process behind when it is stopped', async () => {
    const before = await pid();
    await postgres?.stop();
    expect(isAlive(before)).toBe(false);
  });

  it('is not misled by a process id that another program has now', async () => {
    const other = spawn('sleep', ['60']);
    const path = join(folder, 'data', 'postmaster.pid');
    await writeFile(path, `${other.pid}\n${join(folder, 'data')}\n1\n1\n\n127.0.0.1\n`);
    postgres = await startPostgres(folder);
    expect(await query('SELECT value FROM kept')).toEqual([{ value: 1 }]);
    expect(other.exitCode).toBeNull();
    other.kill('SIGKILL');
    expect((await readFile(path, 'utf8')).startsWith(String(other.pid))).toBe(false);
  });
});
