/** A server as `npm start` starts it, and a browser, for the tests of a file. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { launchBrowser, signInAt } from '../helpers/browser.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

export interface WebLab {
  /** The data folder. */
  data: string;
  server: TestServer;
  browser: Browser;
}

/** Filled when the tests of the file run, before what else the file does before them; options: of the server. */
export function openWebLab(name: string, ...options: string[]): WebLab {
  const lab = {} as WebLab;
  beforeAll(async () => {
    lab.data = await mkdtemp(join(tmpdir(), `riftlab-test-${name}-`));
    [lab.server, lab.browser] = await Promise.all([startServer(lab.data, '--no-demo', ...options), launchBrowser()]);
  });
  afterAll(async () => {
    await lab.browser?.close();
    await lab.server?.end('SIGTERM');
    await rm(lab.data, { recursive: true, force: true });
  });
  return lab;
}

/** A page on which the administrator is signed in: the one given, or a wide one of its own context. */
export async function signIn({ server, browser }: WebLab, given?: Page): Promise<Page> {
  const page = given ?? (await browser.newPage({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' }));
  if (!given) page.setDefaultTimeout(60_000);
  await signInAt(page, server.address);
  await page.waitForURL(`${server.origin}/`);
  return page;
}
