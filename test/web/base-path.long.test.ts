/** The pages below a path of another site, behind a proxy: every link, asset, redirect, download and socket. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, signInAt } from '../helpers/browser.ts';
import { freePort, type ReverseProxy, startNodeProxy } from '../helpers/reverse-proxy.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

let data: string;
let server: TestServer;
let proxy: ReverseProxy;
let browser: Browser;
let page: Page;
let home: string;
const complaints: string[] = [];
/** Addresses that the browser asked for. */
const asked: string[] = [];

beforeAll(async () => {
  const build = "import { buildPages } from './setup/builds.mjs'; await buildPages('/riftlab');";
  execFileSync(process.execPath, ['--input-type=module', '-e', build], { cwd: join(import.meta.dirname, '../..') });
  data = await mkdtemp(join(tmpdir(), 'riftlab-test-base-path-'));
  const [port, outside] = [await freePort(), await freePort()];
  home = `http://127.0.0.1:${outside}/riftlab`;
  proxy = await startNodeProxy(outside, () => port);
  const options = ['--no-demo', '--workers', '0', '--port', String(port), '--public-url', home, '--trust-proxy'];
  [server, browser] = await Promise.all([startServer(data, ...options), launchBrowser()]);
  page = await browser.newPage({ reducedMotion: 'reduce' });
  page.setDefaultTimeout(60_000);
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`${message.location().url}: ${message.text()}`);
  });
  page.on('request', (request) => asked.push(request.url()));
  page.on('websocket', (socket) => asked.push(socket.url()));
}, 600_000);

afterAll(async () => {
  await browser?.close();
  await server?.end('SIGTERM');
  await proxy?.close();
  await rm(data, { recursive: true, force: true });
});

describe('below a path', () => {
  it('people sign in, and come to where they were going', async () => {
    expect(server.address.startsWith(`${home}/?token=`)).toBe(true);
    await page.goto(`${home}/checkpoints`);
    await page.waitForURL(`${home}/sign-in?next=%2Friftlab%2Fcheckpoints`);
    complaints.length = 0;
    await signInAt(page, `${server.address}&next=${encodeURIComponent('/riftlab/checkpoints')}`);
    await page.waitForURL(`${home}/checkpoints`);
    await page.getByRole('heading', { name: 'Checkpoints' }).first().waitFor();
    const [session] = (await page.context().cookies()).filter(({ name }) => name.startsWith('riftlab-'));
    expect(session?.path).toBe('/riftlab');
  });

  it('links, the editor and the request for scripts stay there', async () => {
    for (const name of ['Leaderboard', 'Devices and data', 'Account', 'Runs']) {
      await page.getByRole('link', { name, exact: true }).first().click();
      await page.getByRole('heading', { name }).first().waitFor();
      expect(page.url().startsWith(home)).toBe(true);
    }
    await page.goto(`${home}/new`);
    const request = page.getByText(`${home}/graphql`).first();
    await page.getByRole('tab', { name: 'curl' }).click();
    await request.waitFor();
    await page.goto(`${home}/system`);
    expect(await page.getByRole('link', { name: 'GraphiQL' }).first().getAttribute('href')).toBe('/riftlab/graphql');
  });

  it('nothing is asked for elsewhere, and the socket is open', () => {
    const { host } = new URL(home);
    expect(
      asked.filter((url) => url.startsWith('http') && !/^\/riftlab([/?]|$)/.test(new URL(url).pathname + new URL(url).search)),
    ).toEqual([]);
    expect(asked).toContain(`ws://${host}/riftlab/graphql`);
    expect(complaints).toEqual([]);
  });
});
