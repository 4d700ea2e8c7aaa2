/** What pages show is in their addresses, and long lists can be reached to their ends, in a real browser. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSweep, recordSweepPoint } from '../../server/store/recording.ts';
import { launchBrowser, signInAt } from '../helpers/browser.ts';
import { type FreshDatabase, freshDatabase } from '../helpers/database.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { addCheckpoint, addRun } from '../server/api/records.ts';

let data: string;
let fresh: FreshDatabase;
let server: TestServer;
let browser: Browser;
let page: Page;
let swept: number;

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'riftlab-test-address-'));
  fresh = await freshDatabase();
  const environment = { DATABASE_URL: fresh.url };
  [server, browser] = await Promise.all([startServer(data, environment, '--no-demo', '--workers', '0'), launchBrowser()]);
  const { database } = fresh;
  for (let index = 0; index < 120; index++) {
    const name = `run ${String(index).padStart(3, '0')}`;
    await addRun(database, {
      name,
      project: 'many',
      data: { kind: 'EXTERNAL', state: 'FINISHED' },
      params: { half: index < 60 ? 'a' : 'b' },
    });
  }
  await database.prisma.project.createMany({ data: Array.from({ length: 130 }, (_, index) => ({ name: `project ${1000 + index}` })) });
  swept = await addRun(database, { name: 'swept', project: 'project 1129', data: { kind: 'INTERPOLATION', state: 'FINISHED' } });
  const keys = Array.from({ length: 250 }, (_, index) => ({ runId: swept, key: `odd${index}`, value: 'x' }));
  await database.prisma.runParam.createMany({ data: [...keys, { runId: swept, key: 'zebra', value: 'x' }] });
  await openSweep(database.prisma, swept, { baseId: null, tunedId: null, modules: [] });
  for (const [alpha, robust] of [
    [0, 0.5],
    [1, 0.4],
  ] as const) {
    await recordSweepPoint(database.prisma, swept, { alpha, standard: 0.8 + alpha / 10, robust, images: 10, split: 'holdout' });
  }
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  context.setDefaultTimeout(60_000);
  page = await context.newPage();
  await signInAt(page, server.address);
  await seen(page.getByRole('heading', { name: 'Runs' }));
});

afterAll(async () => {
  await browser?.close();
  await server?.end('SIGTERM');
  await fresh?.drop();
  await rm(data, { recursive: true, force: true });
});

const seen = (locator: Locator) => locator.first().waitFor({ state: 'visible', timeout: 40_000 });
const field = (name: string) =>
  page
    .getByRole('textbox', { name, exact: true })
    .or(page.getByRole('combobox', { name, exact: true }))
    .first();
const until = <Value>(read: () => Promise<Value> | Value) => expect.poll(read, { timeout: 40_000 });
const told = (text: string | RegExp) => seen(page.getByRole('status').filter({ hasText: text }));
const firstRow = () => page.getByRole('row').nth(1).innerText();

/** What is seen is seen again by somebody who gets the address. */
async function isShared(text: string | RegExp, look: () => Promise<void>): Promise<void> {
  const address = page.url();
  await page.goto('about:blank');
  await page.goto(address);
  await told(text);
  await look();
}

describe('the list of runs', () => {
  it('restores filter, order, project and page from its address, and steps back through them', async () => {
    await page.goto(`${server.origin}/runs`);
    await told('1–50 of 121 runs');
    await field('Filter').fill("params.half = 'b'");
    await told('1–50 of 60 runs');
    await field('Filter').blur();
    for (const sorted of ['descending', 'ascending']) {
      await page.getByRole('button', { name: 'Run', exact: true }).click();
      await seen(page.locator(`th[aria-sort="${sorted}"]`, { hasText: 'Run' }));
    }
    await until(firstRow).toContain('run 060');
    await page.getByRole('button', { name: 'Next' }).click();
    await told('51–60 of 60 runs');
    await until(firstRow).toContain('run 110');
    await isShared('51–60 of 60 runs', async () => {
      expect(await field('Filter').inputValue()).toBe("params.half = 'b'");
      await until(firstRow).toContain('run 110');
    });
    await page.getByRole('button', { name: 'Previous' }).click();
    await told('1–50 of 60 runs');
    await until(firstRow).toContain('run 060');
    await page.goBack();
    await told('51–60 of 60 runs');
    await page.goBack();
    await page.goBack();
    await page.goBack();
    await told('1–50 of 60 runs');
    await page.goto(`${server.origin}/runs?project=many`);
    await told('1–50 of 120 runs');
    for (const part of ['51–100', '101–120']) {
      await page.getByRole('button', { name: 'Next' }).click();
      await told(`${part} of 120 runs`);
    }
    await page.getByRole('button', { name: 'Previous' }).click();
    await told('51–100 of 120 runs');
    const middle = new URL(page.url());
    middle.searchParams.set('page', '3');
    await page.goto('about:blank');
    await page.goto(middle.toString());
    await page.getByRole('button', { name: 'Previous' }).click();
    await told('1–50 of 120 runs');
  });

  it('leads from a link into its middle to the pages before it', async () => {
    await page.goto(`${server.origin}/runs?project=many`);
    await page.getByRole('button', { name: 'Next' }).click();
    await told('51–100 of 120 runs');
    const [second = ''] = /run \d+/.exec(await firstRow()) ?? [];
    await page.getByRole('button', { name: 'Next' }).click();
    await told('101–120 of 120 runs');
    await isShared('101–120 of 120 runs', async () => {
      await page.getByRole('button', { name: 'Previous' }).click();
      await told('51–100 of 120 runs');
      await until(firstRow).toContain(second);
      await page.getByRole('button', { name: 'Previous' }).click();
      await told('1–50 of 120 runs');
    });
  });

  it('keeps that deleted runs are shown', async () => {
    await page.goto(`${server.origin}/runs`);
    await page.getByRole('switch', { name: 'Deleted' }).press(' ');
    await seen(page.getByText('No deleted run'));
    expect(new URL(page.url()).searchParams.get('deleted')).toBe('yes');
    await page.reload();
    await seen(page.getByText('No deleted run'));
    await page.goBack();
    await told('1–50 of 121 runs');
  });

  it('finds a project beyond the first hundred by a part of its name, and says how many it leaves out', async () => {
    await page.goto(`${server.origin}/runs`);
    await field('Project').click();
    await seen(page.getByRole('option', { name: '31 more: type a part of the name' }));
    await field('Project').fill('1129');
    await page.getByRole('option', { name: 'project 1129' }).click();
    await told('1 run');
    expect(new URL(page.url()).searchParams.get('project')).toBe('project 1129');
    await isShared('1 run', async () => expect(await field('Project').inputValue()).toBe('project 1129'));
  });

  it('completes a name that is not among the first two hundred', async () => {
    await page.goto(`${server.origin}/runs`);
    await field('Filter').fill('zebr');
    await page.getByRole('option', { name: 'params.zebra' }).click();
    expect(await field('Filter').inputValue()).toBe('params.zebra ');
  });

  it('says how many names it leaves out', async () => {
    await page.goto(`${server.origin}/runs`);
    await field('Filter').fill('odd1');
    await seen(page.getByRole('option', { name: /^\d+ more: type a part of the name$/ }));
  });
});

describe('checkpoints', () => {
  beforeAll(async () => {
    const { prisma } = fresh.database;
    await addCheckpoint(fresh.database, 'SMALL_CNN', 'mnist');
    await prisma.$executeRaw`
      INSERT INTO "Checkpoint" ("sha256", "artifactSha256", "name", "architecture", "dataset", "trainedHere", "parameters", "bytes", "modules")
      SELECT lpad(n::text, 64, '0'), c."artifactSha256", 'weights ' || n, c."architecture", c."dataset", true, c."parameters", c."bytes", c."modules"
        FROM "Checkpoint" c, generate_series(1000, 1129) n`;
  });

  it('keep the search in their address', async () => {
    await page.goto(`${server.origin}/checkpoints`);
    await told('1–50 of 131 checkpoints');
    await page.getByLabel('Search by name').fill('weights 111');
    await told('10 checkpoints');
    expect(new URL(page.url()).searchParams.get('search')).toBe('weights 111');
    await isShared('10 checkpoints', async () => expect(await page.getByLabel('Search by name').inputValue()).toBe('weights 111'));
  });

  it('can all be chosen in the form, which says how many it leaves out', async () => {
    await page.goto(`${server.origin}/new?kind=evaluation`);
    await field('Checkpoint').click();
    await seen(page.getByRole('option', { name: '31 more: type a part of the name' }));
    await field('Checkpoint').fill('weights 1003');
    await page.getByRole('option', { name: /^weights 1003 / }).click();
    await until(() => field('Checkpoint').inputValue()).toMatch(/^weights 1003 \(Checkpoint-\d+\)$/);
  });
});

describe('other pages', () => {
  it('keep the choices of the leaderboard', async () => {
    await page.goto(`${server.origin}/leaderboard`);
    const rows = page.getByRole('table').getByRole('row');
    await page.getByRole('button', { name: /^Show \d+ more published rows$/ }).click();
    await page.reload();
    await until(() => rows.count()).toBeGreaterThan(50);
    await page.getByRole('button', { name: 'Fold the published rows' }).click();
    // Of the head, above the rows of each protocol, and networks.
    await until(() => rows.count()).toBe(2 + 2 + 10);
    await field('Dataset').click();
    await page.getByRole('option', { name: 'CIFAR-100' }).click();
    await page.getByRole('switch', { name: 'Published numbers' }).press(' ');
    await until(() => new URL(page.url()).search).toBe('?dataset=cifar100&published=no');
    await page.reload();
    await seen(page.getByText('Nothing to rank on CIFAR-100 yet'));
    expect(await field('Dataset').inputValue()).toBe('CIFAR-100');
    await page.goBack();
    await until(() => page.getByRole('switch', { name: 'Published numbers' }).isChecked()).toBe(true);
  });

  it('keep the tolerance and the tab of a run', async () => {
    await page.goto(`${server.origin}/runs/Run-${swept}`);
    const tolerance = page.getByLabel('Tolerated loss in percentage points');
    await tolerance.fill('20');
    await page.getByRole('tab', { name: 'Configuration' }).click();
    await until(() => new URL(page.url()).search).toMatch(/tolerance=0\.2/);
    await until(() => new URL(page.url()).search).toMatch(/tab=configuration/);
    await page.reload();
    await seen(page.getByRole('tab', { name: 'Configuration', selected: true }));
    expect(Number.parseFloat(await tolerance.inputValue())).toBe(20);
    await page.goBack();
    await seen(page.getByRole('tab', { name: 'Log', selected: true }));
  });
});
