/** A server with a run in every state, and a VIEWER's page on it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { launchBrowser, signInAt } from '../helpers/browser.ts';
import { type FreshDatabase, freshDatabase } from '../helpers/database.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { addCheckpoint, addRun } from '../server/api/records.ts';
import { visitPlace } from './looks.ts';

export interface ViewerLab {
  fresh: FreshDatabase;
  server: TestServer;
  browser: Browser;
  /** A page of somebody who is a VIEWER, signed in. */
  viewer: Page;
  checkpoint: string;
  /** Ids of runs by their states, and of one that is deleted. */
  runs: Record<string, string>;
  /** Codes of what the viewer's page was refused. */
  refused: string[];
}

export async function openPage({ browser }: Pick<ViewerLab, 'browser'>): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  context.setDefaultTimeout(60_000);
  return { context, page: await context.newPage() };
}

/** For the tests of a file; filled when they run. */
export function openViewerLab(): ViewerLab {
  const lab = { runs: {}, refused: [] } as unknown as ViewerLab;
  let data: string;
  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), 'riftlab-test-access-'));
    lab.fresh = await freshDatabase();
    const { database, url } = lab.fresh;
    [lab.server, lab.browser] = await Promise.all([
      startServer(data, { DATABASE_URL: url }, '--no-demo', '--workers', '0'),
      launchBrowser(),
    ]);
    const at = new Date();
    for (const state of ['FAILED', 'CANCELLED', 'FINISHED', 'RUNNING', 'QUEUED'] as const) {
      const error = state === 'FAILED' ? { errorMessage: 'The disk was full.', errorResumable: true } : {};
      const name = state.toLowerCase();
      lab.runs[name] = `Run-${await addRun(database, { name, tags: { fold: '1' }, data: { state, startedAt: at, ...error } })}`;
    }
    lab.runs.deleted = `Run-${await addRun(database, { name: 'gone', data: { state: 'FINISHED', startedAt: at, deletedAt: at } })}`;
    lab.checkpoint = await addCheckpoint(database, 'SMALL_CNN', 'mnist');
    const { inviteUser } = await lab.server.query<{ inviteUser: { address: string } }>(
      'mutation { inviteUser(email: "vera@example.org", name: "Vera", role: VIEWER) { address } }',
    );
    lab.viewer = (await openPage(lab)).page;
    await signInAt(lab.viewer, inviteUser.address);
    await lab.viewer.waitForURL(`${lab.server.origin}/`);
    lab.viewer.on('response', async (response) => {
      if (!response.url().endsWith('/graphql') || response.request().method() !== 'POST') return;
      const { errors = [] } = (await response.json().catch(() => ({}))) as { errors?: { extensions: { code: string } }[] };
      lab.refused.push(...errors.map(({ extensions }) => extensions.code));
    });
  });
  afterAll(async () => {
    await lab.browser?.close();
    await lab.server?.end('SIGTERM');
    await lab.fresh?.drop();
    await rm(data, { recursive: true, force: true });
  });
  return lab;
}

/** Opens a page of the server; see `visitPlace`. */
export const visit = ({ server }: Pick<ViewerLab, 'server'>, page: Page, place: string) => visitPlace(page, server.origin, place);
