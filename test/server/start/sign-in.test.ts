/** `npm start -- --sign-in`: an address while the server runs, and while it does not. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type TestServer, terminalEnvironment } from '../../helpers/server.ts';
import { collect } from '../../helpers/worker.ts';

let data: string;
let server: TestServer;

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'riftlab-test-sign-in-'));
  server = await startServer(data, '--no-demo', '--workers', '0');
});

afterAll(async () => {
  await server?.end('SIGTERM').catch(() => {});
  await rm(data, { recursive: true, force: true });
});

async function ask(folder: string): Promise<{ said: string; code: number | null }> {
  const child = spawn('npm', ['start', '--silent', '--', '--sign-in', '--data', folder], { env: terminalEnvironment() });
  const said = collect(child);
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { said: said(), code };
}

const press = (address: string) => fetch(address, { method: 'POST', redirect: 'manual' });

describe('npm start -- --sign-in', () => {
  it('prints an address of the server that runs, which goes on', async () => {
    const { said, code } = await ask(data);
    expect([code, said]).toEqual([0, expect.stringMatching(/^riftlab: open http:\/\/127\.0\.0\.1:\d+\/\?token=\S+\n$/)]);
    const address = said.trim().split(' ').at(-1) ?? '';
    expect(new URL(address).origin).toBe(server.origin);
    expect((await press(address)).headers.get('location')).toBe('/');
    expect((await press(server.address)).headers.get('location')).toBe('/');
  });

  it('says what is wrong where there is nothing yet', async () => {
    const { said, code } = await ask(join(data, 'nowhere'));
    expect([code, said]).toEqual([1, expect.stringContaining('riftlab: There is no data folder')]);
  });

  it('prints one that works once RiftLab runs again', async () => {
    await server.end('SIGTERM');
    const { said, code } = await ask(data);
    expect([code, said]).toEqual([0, expect.stringContaining('it works once RiftLab runs')]);
    const token = new URL(/open (\S+)/.exec(said)?.[1] ?? '').search;
    server = await startServer(data, '--no-demo', '--workers', '0');
    expect((await press(`${server.origin}/${token}`)).headers.get('location')).toBe('/');
  });
});
