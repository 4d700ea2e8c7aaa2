import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { startServer, type TestServer, terminalEnvironment } from '../../helpers/server.ts';
import { collect } from '../../helpers/worker.ts';

/** What `npm start -- --sign-in` says of a data folder, and its exit code. */
export async function askSignIn(folder: string): Promise<{ said: string; code: number | null }> {
  const child = spawn('npm', ['start', '--silent', '--', '--sign-in', '--data', folder], { env: terminalEnvironment() });
  const said = collect(child);
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { said: said(), code };
}

/** Presses the button of a one-time address. */
export const press = (address: string) => fetch(address, { method: 'POST', redirect: 'manual' });

/** A server of its own for the tests of a file. */
export function openSignInLab() {
  const lab = {} as { data: string; server: TestServer };
  beforeAll(async () => {
    lab.data = await mkdtemp(join(tmpdir(), 'riftlab-test-sign-in-'));
    lab.server = await start(lab.data);
  });
  afterAll(async () => {
    await lab.server?.end('SIGTERM').catch(() => {});
    await rm(lab.data, { recursive: true, force: true });
  });
  return lab;
}

export const start = (data: string) => startServer(data, '--no-demo', '--workers', '0');
