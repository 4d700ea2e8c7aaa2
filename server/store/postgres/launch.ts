/** Starting the embedded Postgres's process. */
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartError } from '../../errors.ts';
import { ask } from './answers.ts';
import type { Cluster } from './cluster.ts';
import { postgresEnvironment } from './run-program.ts';

export interface LaunchOptions {
  /** Settings beyond the defaults, as name=value. */
  settings?: string[];
  /** Aborts when it is to be given up. */
  signal?: AbortSignal;
  /** So long it may say nothing; recovering from a crash takes as long as it takes. */
  patienceMilliseconds?: number;
}

const usualPatience = 60_000;
/** Its own processes end with it then, which kill -9 leaves to them. */
const quitMilliseconds = 400;

/**
 * Resolves when it takes connections; nothing is left running when it rejects. It has a process group of its own: the terminal's
 * Ctrl-C must not reach it before the server is done with it.
 */
export async function launch(cluster: Cluster, port: number, options: LaunchOptions): Promise<void> {
  const { settings = [], signal, patienceMilliseconds = usualPatience } = options;
  signal?.throwIfAborted();
  const logPath = join(cluster.folder, 'postgres.log');
  await setAside(logPath);
  const log = openSync(logPath, 'a', 0o600);
  const all = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'timezone=UTC', ...settings];
  const program = ['-D', cluster.data, '-p', String(port), ...all.flatMap((setting) => ['-c', setting])];
  const { uid, gid } = cluster.account;
  const child = spawn(...cluster.account.command(cluster.programs.postgres, program), {
    ...{ uid, gid, cwd: '/', detached: true },
    env: postgresEnvironment(),
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  child.unref();
  let ended: string | undefined;
  child.on('error', (error) => {
    ended = error.message;
  });
  child.on('exit', (code, killedBy) => {
    ended = `exit ${code ?? killedBy}`;
  });
  let deadline = performance.now() + patienceMilliseconds;
  const end = async () => {
    child.kill('SIGQUIT');
    const timer = setTimeout(() => child.kill('SIGKILL'), quitMilliseconds);
    while (ended === undefined) await sleep(10);
    clearTimeout(timer);
  };
  try {
    for (;;) {
      const answer = await ask(cluster, port);
      if (answer === 'yes') break;
      if (answer === 'starting') deadline = performance.now() + patienceMilliseconds;
      if (ended !== undefined || performance.now() > deadline) {
        const why = ended ?? `no answer for ${patienceMilliseconds / 1000} s`;
        throw new StartError(`Postgres did not start (${why}). The end of ${logPath}:\n${await tail(logPath)}`);
      }
      await sleep(30, undefined, { signal });
    }
    signal?.throwIfAborted();
  } catch (error) {
    await end();
    throw error;
  }
}

const mostLogBytes = 10_000_000;

/** Of a log that has grown long one more is kept. */
async function setAside(path: string): Promise<void> {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size > mostLogBytes) await rename(path, `${path}.old`);
}

async function tail(path: string): Promise<string> {
  return (await readFile(path, 'utf8').catch(() => '')).trim().split('\n').slice(-8).join('\n');
}
