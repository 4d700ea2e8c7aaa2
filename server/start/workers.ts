/** The workers of this machine: started with the server, started again when they end, stopped with it. A terminal's Ctrl-C is for the server alone. */
import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { execArgv, programFile } from '../../engine/child-process.ts';
import type { Stop } from './shutdown.ts';

export interface LocalWorkers {
  /** Resolves when all are gone; what they were computing is back in the queue, at once or, killed in a hurry, when it is missed. */
  stop: Stop;
}

export interface LocalWorkersOptions {
  count: number;
  /** Variables that tell a worker where things are. */
  environment: Record<string, string>;
  say(text: string): void;
}

const firstPause = 500;
const longestPause = 30_000;
/** A worker that ran this long was well: the next pause is short again. */
const wellAfter = 60_000;

export function startLocalWorkers({ count, environment, say }: LocalWorkersOptions): LocalWorkers {
  const threads = Math.max(1, Math.floor(availableParallelism() / Math.max(count, 1)));
  let stopping = false;
  const running = new Map<number, ChildProcess>();
  const pauses = new Map<number, NodeJS.Timeout>();

  function start(number: number, pause: number): void {
    const began = performance.now();
    const child = fork(programFile('server/worker'), [], {
      execArgv,
      detached: true,
      env: {
        ...process.env,
        ...environment,
        RIFTLAB_WORKER: String(number),
        RIFTLAB_WORKERS: String(count),
        RIFTLAB_THREADS: String(threads),
      },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    running.set(number, child);
    child.on('exit', (code, signal) => {
      running.delete(number);
      if (stopping) return;
      const next = performance.now() - began > wellAfter ? firstPause : pause;
      say(`worker ${number} ended (${signal ?? `exit code ${code}`}); starting it again`);
      const timer = setTimeout(() => start(number, Math.min(next * 2, longestPause)), next);
      pauses.set(number, timer);
    });
  }

  for (let number = 1; number <= count; number++) start(number, firstPause);
  return {
    async stop(hurry) {
      stopping = true;
      for (const timer of pauses.values()) clearTimeout(timer);
      await Promise.all([...running.values()].map((child) => stopWorker(child, hurry)));
    },
  };
}

async function stopWorker(child: ChildProcess, hurry: AbortSignal): Promise<void> {
  const gone = new Promise((resolve) => child.on('exit', resolve));
  const kill = () => child.kill('SIGKILL');
  child.kill('SIGTERM');
  if (hurry.aborted) kill();
  hurry.addEventListener('abort', kill, { once: true });
  if (child.exitCode === null && child.signalCode === null) await gone;
  hurry.removeEventListener('abort', kill);
}
