/** Starting the embedded Postgres's process. */
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartError } from '../../errors.ts';
import { answers } from './answers.ts';
import type { Cluster } from './cluster.ts';
import { postgresEnvironment } from './run-program.ts';

export interface LaunchOptions {
  /** Settings beyond the defaults, as name=value. */
  settings?: string[];
  /** Aborts when it is to be given up. */
  signal?: AbortSignal;
}

const limitMilliseconds = 60_000;
/** Its own processes end with it then, which kill -9 leaves to them. */
const quitMilliseconds = 400;

/**
 * Resolves when it takes connections; nothing is left running when it rejects. It has a process group of its own: the terminal's
 * Ctrl-C must not reach it before the server is done with it.
 */
export async function launch(cluster: Cluster, port: number, { settings = [], signal }: LaunchOptions): Promise<void> {
  signal?.throwIfAborted();
  const logPath = join(cluster.folder, 'postgres.log');
  const log = openSync(logPath, 'a', 0o600);
  const all = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'timezone=UTC', ...settings];
  const options = ['-D', cluster.data, '-p', String(port), ...all.flatMap((setting) => ['-c', setting])];
  const { uid, gid } = cluster.account;
  const child = spawn(...cluster.account.command(cluster.programs.postgres, options), {
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
  const deadline = performance.now() + limitMilliseconds;
  const end = async () => {
    child.kill('SIGQUIT');
    const timer = setTimeout(() => child.kill('SIGKILL'), quitMilliseconds);
    while (ended === undefined) await sleep(10);
    clearTimeout(timer);
  };
  try {
    while (!(await answers(cluster, port))) {
      if (ended !== undefined || performance.now() > deadline) {
        const why = ended ?? 'no answer for a minute';
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

async function tail(path: string): Promise<string> {
  return (await readFile(path, 'utf8').catch(() => '')).trim().split('\n').slice(-8).join('\n');
}
