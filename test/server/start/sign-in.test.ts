/** `npm start -- --sign-in`: an address while the server runs; while it does not: sign-in.long.test.ts. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

describe('npm start -- --sign-in', () => {
  it('prints an address of the server that runs, which goes on', async () => {
    const { said, code } = await askSignIn(data);
    expect([code, said]).toEqual([0, expect.stringMatching(/^riftlab: open http:\/\/127\.0\.0\.1:\d+\/\?token=\S+\n$/)]);
    const address = said.trim().split(' ').at(-1) ?? '';
    expect(new URL(address).origin).toBe(server.origin);
    expect((await press(address)).headers.get('location')).toBe('/');
    expect((await press(server.address)).headers.get('location')).toBe('/');
  });

  it('says what is wrong where there is nothing yet', async () => {
    const { said, code } = await askSignIn(join(data, 'nowhere'));
    expect([code, said]).toEqual([1, expect.stringContaining('riftlab: There is no data folder')]);
  });
});
