/** The whole of RiftLab, as `npm start` starts it. */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bringSpeeds } from './speeds.ts';
import { childrenOf, collect, isAlive } from './worker.ts';

export interface StartingServer {
  /** Process id of npm. */
  npm: number;
  /** Resolves when npm is gone. */
  gone: Promise<void>;
  /** Of the server and everything that it started. */
  processes(): number[];
  output(): string;
  /** Sends the signal to npm, as a terminal or a supervisor does. */
  signal(signal: NodeJS.Signals): void;
  exitCode(): number | null;
}

export interface TestServer extends StartingServer {
  origin: string;
  /** The one-time address. */
  address: string;
  query<Data>(text: string, variables?: object): Promise<Data>;
  /** Sends the signal and resolves when npm is gone. */
  end(signal: NodeJS.Signals): Promise<void>;
  /** kill -9 of the server itself. */
  kill(): Promise<void>;
}

const root = join(import.meta.dirname, '../..');

/** Starts it and does not wait. Workers compute on the CPU unless told otherwise. environment: more variables. */
export function spawnServer(data: string, ...more: (string | Record<string, string>)[]): StartingServer {
  const options = more.filter((one) => typeof one === 'string');
  const environment = Object.assign({}, ...more.filter((one) => typeof one === 'object')) as Record<string, string>;
  bringSpeeds(data);
  const child = spawn('npm', ['start', '--silent', '--', '--port', '0', '--data', data, ...options], {
    cwd: root,
    env: { ...terminalEnvironment(), RIFTLAB_DEVICE: 'cpu', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const npm = child.pid ?? 0;
  return {
    npm,
    gone: new Promise<void>((resolve) => child.on('close', () => resolve())),
    output: collect(child),
    processes: () => descendants(npm),
    signal: (signal) => void child.kill(signal),
    exitCode: () => child.exitCode,
  };
}

/** Resolves when it says that it is ready; throws with what it said when it ends instead. */
export async function startServer(data: string, ...more: (string | Record<string, string>)[]): Promise<TestServer> {
  const server = spawnServer(data, ...more);
  const address = await spoken(server);
  const { origin } = new URL(address);
  const token = (await readFile(join(data, 'admin-token'), 'utf8')).trim();
  return {
    ...server,
    origin,
    address,
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
      server.signal(signal);
      await server.gone;
    },
    async kill() {
      for (const pid of childrenOf(server.npm)) process.kill(pid, 'SIGKILL');
      await server.gone;
    },
  };
}

/** Our environment without what vitest adds. */
export function terminalEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(NODE_ENV|VITEST.*|TEST|DEV|PROD|MODE|BASE_URL)$/.test(name));
  return Object.fromEntries(kept) as NodeJS.ProcessEnv;
}

async function spoken({ output, exitCode, signal }: StartingServer): Promise<string> {
  const deadline = Date.now() + 240_000;
  for (;;) {
    const [, address] = /riftlab: open (\S+)/.exec(output()) ?? [];
    if (address) return address;
    if (exitCode() !== null || Date.now() > deadline) {
      signal('SIGKILL');
      throw new Error(`RiftLab did not start (exit code ${exitCode()}):\n${output()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function descendants(pid: number): number[] {
  return childrenOf(pid)
    .filter(isAlive)
    .flatMap((child) => [child, ...descendants(child)]);
}
