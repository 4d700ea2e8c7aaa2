/** `npm start -- --sign-in` while the server does not run. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startServer, type TestServer } from '../../helpers/server.ts';
import { askSignIn, press } from './ask-sign-in.ts';

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

it('prints an address that works once RiftLab runs again', async () => {
  await server.end('SIGTERM');
  const { said, code } = await askSignIn(data);
  expect([code, said]).toEqual([0, expect.stringContaining('it works once RiftLab runs')]);
  const token = new URL(/open (\S+)/.exec(said)?.[1] ?? '').search;
  server = await startServer(data, '--no-demo', '--workers', '0');
  expect((await press(`${server.origin}/${token}`)).headers.get('location')).toBe('/');
});
