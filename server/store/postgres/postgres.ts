/** Starting and stopping the embedded Postgres. */
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type Cluster, databaseName, databaseUser, ensureCluster } from './cluster.ts';
import { isPostgres, isRunning, readPostmaster } from './postmaster.ts';
import { postgresEnvironment } from './run-program.ts';

export interface Postgres {
  /** Connection string of the database. */
  url: string;
  /** True when a Postgres that an earlier server left running was taken over. */
  found: boolean;
  /** Ends it, sessions included; resolves when its processes are gone. */
  stop(): Promise<void>;
}

export interface PostgresOptions {
  /** Settings beyond the defaults, as name=value. */
  settings?: string[];
  /** Called when Postgres ended by itself; it is started again at the same port. */
  onRestart?: (message: string) => void;
}

const startLimit = 60_000;

/** Starts the Postgres of `folder`, making it first if need be; takes over one that still runs there. */
export async function startPostgres(folder: string, options: PostgresOptions = {}): Promise<Postgres> {
  const cluster = await ensureCluster(folder);
  let stopping = false;
  let port = await takeOver(cluster);
  const found = port !== undefined;
  port ??= await startSomewhere(cluster, options, watch);
  await ensureDatabase(urlOf(cluster, port, 'postgres'));

  function watch(port: number): void {
    if (stopping) return;
    options.onRestart?.('Postgres ended by itself; starting it again.');
    const again = async () => {
      while (!stopping) {
        try {
          return await start(cluster, port, options, () => watch(port));
        } catch (error) {
          options.onRestart?.(error instanceof Error ? error.message : String(error));
          await sleep(500);
        }
      }
    };
    void again();
  }

  return {
    url: urlOf(cluster, port, databaseName),
    found,
    async stop() {
      stopping = true;
      await stop(cluster);
    },
  };
}

function urlOf(cluster: Cluster, port: number, database: string): string {
  return `postgresql://${databaseUser}:${cluster.password}@127.0.0.1:${port}/${database}`;
}

/** The port of a Postgres that already runs on this cluster. A file left by a dead one is cleared away by its successor. */
async function takeOver(cluster: Cluster): Promise<number | undefined> {
  const deadline = Date.now() + startLimit;
  for (;;) {
    const left = await readPostmaster(cluster.data);
    if (!left || !isRunning(left.pid)) return undefined;
    if (!isPostgres(left.pid)) {
      await rm(join(cluster.data, 'postmaster.pid'), { force: true });
      return undefined;
    }
    if (left.port && (await answers(urlOf(cluster, left.port, 'postgres')))) return left.port;
    if (Date.now() > deadline)
      throw new Error(
        `A Postgres with process id ${left.pid} holds ${cluster.data} but does not answer. End it (kill ${left.pid}) and start again.`,
      );
    await sleep(100);
  }
}

async function startSomewhere(cluster: Cluster, options: PostgresOptions, onEnd: (port: number) => void): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    try {
      await start(cluster, port, options, () => onEnd(port));
      return port;
    } catch (error) {
      if (attempt === 3) throw error;
    }
  }
}

/** Resolves when it accepts connections. Own process group: the terminal's Ctrl-C must not reach it before the server is done with it. */
async function start(cluster: Cluster, port: number, options: PostgresOptions, onEnd: () => void): Promise<void> {
  const logPath = join(cluster.folder, 'postgres.log');
  const log = openSync(logPath, 'a', 0o600);
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'timezone=UTC', ...(options.settings ?? [])];
  const [command, all] = cluster.account.command(cluster.programs.postgres, [
    '-D',
    cluster.data,
    '-p',
    String(port),
    ...settings.flatMap((setting) => ['-c', setting]),
  ]);
  const { uid, gid } = cluster.account;
  const child = spawn(command, all, { uid, gid, cwd: '/', env: postgresEnvironment(), detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  child.unref();
  let ended: string | undefined;
  let ready = false;
  child.on('error', (error) => {
    ended = error.message;
  });
  child.on('exit', (code, signal) => {
    ended = `exit ${code ?? signal}`;
    if (ready) onEnd();
  });
  const deadline = Date.now() + startLimit;
  while (!(await answers(urlOf(cluster, port, 'postgres')))) {
    if (ended !== undefined || Date.now() > deadline) {
      if (ended === undefined) child.kill('SIGKILL');
      throw new Error(`Postgres did not start (${ended ?? 'no answer for a minute'}). The end of ${logPath}:\n${await tail(logPath)}`);
    }
    await sleep(30);
  }
  ready = true;
}

async function stop(cluster: Cluster): Promise<void> {
  const running = await readPostmaster(cluster.data);
  if (!running || !isRunning(running.pid) || !isPostgres(running.pid)) return;
  const deadline = Date.now() + 15_000;
  process.kill(running.pid, 'SIGINT');
  while (isRunning(running.pid) && isPostgres(running.pid)) {
    if (Date.now() > deadline) process.kill(running.pid, 'SIGQUIT');
    await sleep(30);
  }
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on('error', () => {});
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

async function ensureDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [databaseName]);
    if (!rowCount) await client.query(`CREATE DATABASE ${databaseName}`);
  } finally {
    await client.end();
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

async function tail(path: string): Promise<string> {
  return (await readFile(path, 'utf8').catch(() => '')).trim().split('\n').slice(-8).join('\n');
}
