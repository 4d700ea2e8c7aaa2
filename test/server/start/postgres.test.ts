/** The embedded Postgres, for real: made, stopped, found again, recovered. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../../../server/store/postgres/answers.ts';
import { ensureCluster } from '../../../server/store/postgres/cluster.ts';
import { launch } from '../../../server/store/postgres/launch.ts';
import { type Postgres, startPostgres } from '../../../server/store/postgres/postgres.ts';
import { readPostmaster } from '../../../server/store/postgres/postmaster.ts';
import { freePort } from '../../helpers/reverse-proxy.ts';
import { waitUntil } from '../../helpers/runs.ts';
import { collect, isAlive } from '../../helpers/worker.ts';

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

/** What a server leaves that is killed; its address. */
async function abandon(): Promise<string> {
  const server = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, '../../helpers/abandoned-postgres.ts'), folder]);
  const said = collect(server);
  await waitUntil(async () => /^postgresql:\S+$/m.test(said()));
  server.kill('SIGKILL');
  await new Promise((resolve) => server.on('exit', resolve));
  return said().trim();
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

  it('is taken over when its server was killed, and started again at the same port when it dies then', async () => {
    await postgres?.stop();
    const url = await abandon();
    const before = await pid();
    const said: string[] = [];
    postgres = await startPostgres(folder, { onRestart: (message) => said.push(message) });
    expect([postgres.found, postgres.url, await pid()]).toEqual([true, url, before]);
    await query('INSERT INTO kept VALUES (1)');
    for (let death = 1; death <= 2; death++) {
      process.kill(await pid(), 'SIGKILL');
      await waitUntil(() =>
        query('SELECT value FROM kept').then(
          () => said.length >= death,
          () => false,
        ),
      );
    }
    expect(await query('SELECT value FROM kept')).toEqual([{ value: 1 }]);
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

  it('ends at once in a hurry, even when it does not listen to signals, and recovers', async () => {
    const before = await pid();
    process.kill(before, 'SIGSTOP');
    await postgres?.stop(AbortSignal.abort());
    expect(isAlive(before)).toBe(false);
    postgres = await startPostgres(folder);
    expect(await query('SELECT value FROM kept')).toEqual([{ value: 1 }]);
    await postgres.stop();
  });

  it('is not left running when its start is given up', async () => {
    for (const milliseconds of [0, 30, 100, 250]) {
      const giveUp = new AbortController();
      const starting = startPostgres(folder, { signal: giveUp.signal }).then(
        (started) => started.stop(),
        () => {},
      );
      await sleep(milliseconds);
      giveUp.abort(new Error('given up'));
      await starting;
      expect(isAlive(await pid())).toBe(false);
    }
  });

  it('is waited for while it recovers, however long that takes', async () => {
    const cluster = await ensureCluster(folder);
    const standby = join(folder, 'data', 'standby.signal');
    await writeFile(standby, '');
    const port = await freePort();
    const giveUp = new AbortController();
    // One that stands by and admits nobody says for ever what one says that recovers.
    const options = { settings: ['hot_standby=off'], signal: giveUp.signal, patienceMilliseconds: 100 };
    const launched = launch(cluster, port, options).then(
      () => 'ready',
      (error: Error) => error.message,
    );
    await waitUntil(async () => (await ask(cluster, port)) === 'starting');
    const since = performance.now();
    await waitUntil(async () => performance.now() - since > 10 * options.patienceMilliseconds);
    expect(await ask(cluster, port)).toBe('starting');
    giveUp.abort(new Error('given up'));
    expect(await launched).toMatch(/aborted|given up/);
    await rm(standby);
    expect(await ask(cluster, port)).toBe('no');
  });

  it('keeps one log of its past', async () => {
    const log = join(folder, 'postgres.log');
    await writeFile(log, Buffer.alloc(10_000_001, 'x'));
    postgres = await startPostgres(folder);
    await postgres.stop();
    expect((await stat(`${log}.old`)).size).toBe(10_000_001);
    expect((await readFile(log, 'utf8')).startsWith('x')).toBe(false);
  });

  it('of another major version is refused with what to do, and left as it is', async () => {
    const file = join(folder, 'data', 'PG_VERSION');
    await writeFile(file, '17\n');
    await expect(startPostgres(folder)).rejects.toThrow(
      /was made by Postgres 17, and this RiftLab brings Postgres 18.*pg_dump.*pg_restore/,
    );
    await writeFile(file, '99\n');
    await expect(startPostgres(folder)).rejects.toThrow('Start the newer RiftLab that made it.');
    await writeFile(file, '18\n');
  });

  it('whose password is gone or wrong is refused with a line', async () => {
    const path = join(folder, 'password');
    const password = await readFile(path, 'utf8');
    await writeFile(path, '');
    await expect(startPostgres(folder)).rejects.toThrow(`${path} is empty or gone: restore it from a backup`);
    await writeFile(path, 'another');
    await expect(startPostgres(folder)).rejects.toThrow(`refuses the password in ${path}`);
    expect(isAlive(await pid())).toBe(false);
    await writeFile(path, password);
  });
});
