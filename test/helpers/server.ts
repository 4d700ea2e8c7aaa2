/** The whole of RiftLab, as `npm start` starts it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { childrenOf, collect, isAlive } from './worker.ts';

export interface TestServer {
  origin: string;
  /** The one-time address. */
  address: string;
  /** Of the server and everything that it started. */
  processes(): number[];
  output(): string;
  query<Data>(text: string, variables?: object): Promise<Data>;
  /** Sends the signal to npm, as a terminal or a supervisor does, and resolves when npm is gone. */
  end(signal: NodeJS.Signals): Promise<void>;
  /** kill -9 of the server itself. */
  kill(): Promise<void>;
}

const root = join(import.meta.dirname, '../..');

/** Resolves when it says that it is ready; throws with what it said when it ends instead. */
export async function startServer(data: string, ...more: string[]): Promise<TestServer> {
  const child = spawn('npm', ['start', '--silent', '--', '--port', '0', '--data', data, ...more], {
    cwd: root,
    env: terminalEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = collect(child);
  const address = await spoken(child, output);
  const { origin } = new URL(address);
  const token = (await readFile(join(data, 'admin-token'), 'utf8')).trim();
  const npm = child.pid ?? 0;
  const gone = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  return {
    origin,
    address,
    output,
    processes: () => descendants(npm),
    async query<Data>(text: string, variables: object = {}) {
      const response = await fetch(`${origin}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ query: text, variables }),
      });
      const { data: result, errors } = (await response.json()) as { data: Data; errors?: unknown };
      if (errors) throw new Error(JSON.stringify(errors));
      return result;
    },
    async end(signal) {
      child.kill(signal);
      await gone;
    },
    async kill() {
      for (const pid of childrenOf(npm)) process.kill(pid, 'SIGKILL');
      await gone;
    },
  };
}

/** Our environment without what vitest adds. */
export function terminalEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(NODE_ENV|VITEST.*|TEST|DEV|PROD|MODE|BASE_URL)$/.test(name));
  return Object.fromEntries(kept) as NodeJS.ProcessEnv;
}

async function spoken(child: ChildProcess, output: () => string): Promise<string> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const [, address] = /riftlab: open (\S+)/.exec(output()) ?? [];
    if (address) return address;
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`RiftLab did not start (exit code ${child.exitCode}):\n${output()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function descendants(pid: number): number[] {
  return childrenOf(pid)
    .filter(isAlive)
    .flatMap((child) => [child, ...descendants(child)]);
}
