/** The embedded Postgres while it runs: started or taken over, watched, and stopped. */
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartError } from '../../errors.ts';
import { ask, ensureDatabase, PasswordError, urlOf } from './answers.ts';
import { type Cluster, databaseName, ensureCluster } from './cluster.ts';
import { launch } from './launch.ts';
import { isPostgres, isRunning, readPostmaster } from './postmaster.ts';

export interface Postgres {
  /** Connection string of the database. */
  url: string;
  /** True when a Postgres that an earlier server left running was taken over. */
  found: boolean;
  /** Ends it, sessions included; resolves when its processes are gone. hurry: aborts when it is to end at once, whatever that costs the next start. */
  stop(hurry?: AbortSignal): Promise<void>;
}

export interface PostgresOptions {
  /** Settings beyond the defaults, as name=value. */
  settings?: string[];
  /** Called when Postgres ended by itself; it is started again at the same port. */
  onRestart?: (message: string) => void;
  /** Aborts when starting is to be given up; nothing is left running then. */
  signal?: AbortSignal;
}

const takeOverMilliseconds = 60_000;
const watchMilliseconds = 250;
const longestPause = 10_000;

/** Starts the Postgres of `folder`, making it first if need be; takes over one that still runs there. Either is watched from then on. */
export async function startPostgres(folder: string, options: PostgresOptions = {}): Promise<Postgres> {
  const cluster = await ensureCluster(folder, options.signal);
  const { port, found } = await openSomewhere(cluster, options);
  const stopping = new AbortController();
  try {
    await ensureDatabase(cluster, port);
    options.signal?.throwIfAborted();
  } catch (error) {
    await stop(cluster, AbortSignal.abort());
    throw error;
  }
  const watching = watch(cluster, port, { ...options, signal: stopping.signal });
  return {
    url: urlOf(cluster, port, databaseName),
    found,
    async stop(hurry) {
      stopping.abort();
      await watching;
      await stop(cluster, hurry);
    },
  };
}

const mostAttempts = 6;
const attemptMilliseconds = 500;

/**
 * Another server may have been killed while its Postgres was starting: whichever of the two gets the folder is used. Processes of
 * one that was killed itself keep the folder for a moment.
 */
async function openSomewhere(cluster: Cluster, options: PostgresOptions): Promise<{ port: number; found: boolean }> {
  for (let attempt = 1; ; attempt++) {
    const running = await takeOver(cluster, options.signal);
    if (running !== undefined) return { port: running, found: true };
    const port = await freePort();
    try {
      await launch(cluster, port, options);
      return { port, found: false };
    } catch (error) {
      if (attempt === mostAttempts || error instanceof PasswordError || options.signal?.aborted) throw error;
      await sleep(attemptMilliseconds, undefined, { signal: options.signal });
    }
  }
}

/** The port of a Postgres that already runs on this cluster. A file left by a dead one is cleared away by its successor. */
async function takeOver(cluster: Cluster, signal: AbortSignal | undefined): Promise<number | undefined> {
  let deadline = performance.now() + takeOverMilliseconds;
  for (;;) {
    const left = await readPostmaster(cluster.data);
    if (!left || !isRunning(left.pid)) return undefined;
    if (!isPostgres(left.pid)) {
      await rm(join(cluster.data, 'postmaster.pid'), { force: true });
      return undefined;
    }
    const answer = left.port ? await ask(cluster, left.port) : 'no';
    if (answer === 'yes') return left.port;
    if (answer === 'starting') deadline = performance.now() + takeOverMilliseconds;
    if (performance.now() > deadline)
      throw new StartError(
        `A Postgres with process id ${left.pid} holds ${cluster.data} but does not answer. End it (kill ${left.pid}) and start again.`,
      );
    await sleep(100, undefined, { signal });
  }
}

/** Resolves when the signal aborts. It may be another server's child, of whose end nobody tells us. */
async function watch(cluster: Cluster, port: number, options: PostgresOptions & { signal: AbortSignal }): Promise<void> {
  const { signal, onRestart = () => {} } = options;
  const rest = (milliseconds: number) => sleep(milliseconds, undefined, { signal }).catch(() => {});
  let pid = (await readPostmaster(cluster.data))?.pid;
  let pause = watchMilliseconds;
  while (!signal.aborted) {
    if (pid !== undefined && isRunning(pid) && isPostgres(pid)) {
      pause = watchMilliseconds;
      await rest(watchMilliseconds);
      continue;
    }
    onRestart('Postgres ended by itself; starting it again.');
    try {
      await launch(cluster, port, options);
    } catch (error) {
      if (signal.aborted) return;
      onRestart(error instanceof Error ? error.message : String(error));
      pause = Math.min(2 * pause, longestPause);
      await rest(pause);
    }
    pid = (await readPostmaster(cluster.data))?.pid;
  }
}

const quitMilliseconds = 15_000;
const killMilliseconds = 400;

/** Fast shutdown; in a hurry the immediate one, which the next start recovers from; and kill -9 when it does not even do that. */
async function stop(cluster: Cluster, hurry?: AbortSignal): Promise<void> {
  const running = await readPostmaster(cluster.data);
  if (!running) return;
  const { pid } = running;
  const isThere = () => isRunning(pid) && isPostgres(pid);
  const send = (signal: NodeJS.Signals) => {
    if (isThere()) process.kill(pid, signal);
  };
  const began = performance.now();
  let quitAt: number | undefined;
  if (!hurry?.aborted) send('SIGINT');
  while (isThere()) {
    const now = performance.now();
    if (quitAt === undefined && (hurry?.aborted || now - began > quitMilliseconds)) {
      send('SIGQUIT');
      quitAt = now;
    } else if (quitAt !== undefined && now - quitAt > killMilliseconds) send('SIGKILL');
    await sleep(30);
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
