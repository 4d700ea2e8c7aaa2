/** A real worker process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execArgv, programFile } from '../../engine/child-process.ts';
import { bringSpeeds } from './speeds.ts';

export interface TestWorker {
  pid: number;
  /** What it printed. */
  output(): string;
  /** Process ids of its engines. */
  engines(): number[];
  /** Sends the signal and resolves when the process is gone. */
  end(signal: NodeJS.Signals): Promise<void>;
}

const root = join(import.meta.dirname, '../..');

export interface TestWorkerOptions {
  /** cpu when absent. */
  device?: string;
  /** More variables. */
  environment?: Record<string, string>;
}

export function startWorker(
  databaseUrl: string,
  data: string,
  name = 'test',
  { device = 'cpu', environment = {} }: TestWorkerOptions = {},
): TestWorker {
  bringSpeeds(data);
  const child = spawn(process.execPath, [...execArgv, programFile('server/worker'), '--data', data, '--device', device], {
    cwd: root,
    env: {
      ...process.env,
      NODE_ENV: 'production',
      DATABASE_URL: databaseUrl,
      RIFTLAB_WORKER: name,
      RIFTLAB_THREADS: process.env.TEST_WORKER_THREADS ?? '1',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('The worker could not be started.');
  const output = collect(child);
  return {
    pid,
    output,
    engines: () => childrenOf(pid).filter((child) => commandOf(child).includes('engine-main')),
    async end(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise((resolve) => child.on('exit', resolve));
      child.kill(signal);
      await gone;
    },
  };
}

export function collect(child: ChildProcess): () => string {
  let text = '';
  const listen = (chunk: Buffer) => {
    text += chunk.toString();
  };
  child.stdout?.on('data', listen);
  child.stderr?.on('data', listen);
  return () => text;
}

export function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((candidate) => parentOf(candidate) === pid);
}

export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

export function isAlive(pid: number): boolean {
  return parentOf(pid) !== undefined;
}

/** Undefined for a process that is gone or only waits to be reaped. */
function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' ? undefined : Number(parent);
  } catch {
    return undefined;
  }
}
