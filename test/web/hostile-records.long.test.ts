/** What is written into records stays text on every page. In a real browser, on the server that `npm start` starts. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { smallTraining, waitUntil } from '../helpers/runs.ts';
import { visitPlace } from './looks.ts';
import { placesOf } from './places.ts';
import { openWebLab, signIn } from './signed-in.ts';
import { openWatchedPage } from './watched-page.ts';

const lab = openWebLab('hostile-records');
let page: Page;
let run: string;
/** What the browser refused or complained about, by page. */
const complaints: string[] = [];

/** Would run as a script, in an element, an attribute, an address or a template, where it is written into a page as it is. */
const hostile = `"'><img src=x onerror="window.intruded=1"><script>window.intruded=1</script><a href="javascript:intruded=1">\${intruded=1}`;

const attack = { epsilon: 0.1, stepSize: 0.05, steps: 2 };
const request = {
  project: 'closed',
  name: hostile,
  tags: [{ key: 'purpose', value: hostile }],
  model: { training: { ...smallTraining, attack } },
  criticality: { images: 64, iterations: 2 },
  fineTune: { epochs: 2, batchSize: 64, learningRate: 0.01 },
  interpolation: { alphas: [0, 0.5, 1] },
  evaluation: { images: 64, attack },
};

beforeAll(async () => {
  await lab.server.query('mutation ($input: CreateProjectInput!) { createProject(input: $input) { id } }', {
    input: { name: 'closed', description: hostile },
  });
  const { startRift } = await lab.server.query<{ startRift: { id: string } }>(
    'mutation ($input: StartRiftInput!) { startRift(input: $input) { id } }',
    { input: request },
  );
  run = startRift.id;
  await lab.server.query('mutation ($name: String!) { createApiToken(name: $name, role: VIEWER) { token { id } } }', {
    name: hostile.slice(0, 100),
  });
  await lab.server.query('mutation ($name: String!) { inviteUser(email: "x@example.org", name: $name) { user { id } } }', {
    name: hostile.slice(0, 100),
  });
  page = await openWatchedPage(lab.browser, complaints);
  await signIn(lab, page);
  await waitUntil(async () => (await stateOf(run)) === 'FINISHED');
  await writeEverywhere();
});

async function stateOf(id: string): Promise<string> {
  const answer = await lab.server.query<{ run: { state: string } }>('query ($id: ID!) { run(id: $id) { state } }', { id });
  return answer.run.state;
}

/** Into what only workers write, and into a second run that failed. */
async function writeEverywhere(): Promise<void> {
  const client = new pg.Client({ connectionString: (await readFile(join(lab.data, 'database-url'), 'utf8')).trim() });
  await client.connect();
  try {
    const columns = await client.query<{ table: string; column: string }>(
      `SELECT table_name AS table, column_name AS column FROM information_schema.columns
       WHERE table_schema = 'public' AND data_type = 'text'
         AND (table_name, column_name) IN (('Checkpoint', 'name'), ('LogLine', 'text'), ('RunTag', 'value'), ('RunParam', 'value'),
           ('Device', 'problem'), ('Device', 'hint'), ('Device', 'selfTest'), ('Device', 'name'), ('Device', 'versions'),
           ('Run', 'errorMessage'), ('Run', 'errorHint'), ('Run', 'notes'), ('User', 'name'), ('Stage', 'progressUnit'))`,
    );
    expect(columns.rows.length).toBe(14);
    for (const { table, column } of columns.rows) await client.query(`UPDATE "${table}" SET "${column}" = $1`, [hostile]);
    await client.query(`UPDATE "Project" SET "name" = $1`, [hostile]);
    await client.query(`UPDATE "MetricKey" SET "name" = $1 WHERE "id" = (SELECT max("id") FROM "MetricKey")`, [`train/${hostile}`]);
    await client.query(`INSERT INTO "RunTag" ("runId", "key", "value") SELECT "id", $1, $1 FROM "Run"`, [hostile]);
    await client.query(`UPDATE "Evaluation" SET "protocol" = $1`, [hostile]);
    await client.query(
      `INSERT INTO "Run" ("projectId", "kind", "name", "state", "config", "errorMessage", "errorHint", "seed")
       SELECT "projectId", "kind", "name", 'FAILED', "config", $1, $1, 0 FROM "Run" LIMIT 1`,
      [hostile],
    );
  } finally {
    await client.end();
  }
}

const visit = (place: string) => visitPlace(page, lab.server.origin, place);

const places = () => placesOf({ runs: [run, 'Run-2'], checkpoint: 'Checkpoint-1' });

const intruded = () => page.evaluate(() => 'intruded' in window);

describe('the content security policy', () => {
  it('lets every page that shows records work in light and dark, and what is written into records stays text', async () => {
    for (const path of places()) {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        if (colorScheme === 'light') await visit(path);
        await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
        expect(complaints.splice(0), `${path}, ${colorScheme}`).toEqual([]);
      }
      expect(await intruded(), path).toBe(false);
      expect(await page.locator('main img[src="x"], main a[href^="javascript:"]').count(), path).toBe(0);
    }
  });

  it('lets figures, menus, hints and other colours appear', async () => {
    await visit(`/runs/${run}`);
    await page.getByRole('img', { name: /^Accuracy over alpha/ }).waitFor();
    await page.getByRole('img', { name: /^Module robust criticality/ }).hover();
    await page.locator('.uplot').first().hover();
    await page.getByText('Dark', { exact: true }).first().click({ force: true });
    expect(await page.locator('html').getAttribute('data-mantine-color-scheme')).toBe('dark');
    await page.goto(`${lab.server.origin}/new`);
    await page
      .getByRole('combobox', { name: 'Dataset' })
      .or(page.getByRole('textbox', { name: 'Dataset' }))
      .first()
      .click();
    await page.getByRole('option', { name: /^MNIST/ }).waitFor({ state: 'visible' });
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Leaderboard' }).click();
    await page.waitForURL('**/leaderboard');
    expect(complaints.splice(0)).toEqual([]);
  });
});

describe('records', () => {
  it('are text in a heading, in what figures say of a point, and in tables of numbers', async () => {
    await visit(`/runs/${run}`);
    expect(await page.locator('h1').innerText()).toContain('<script>window.intruded=1</script>');
    const tables = page.getByRole('button', { name: 'Show as a table' });
    for (let left = await tables.count(); left > 0; left--) await tables.first().click();
    for (const figure of await page.locator('svg[class^="plot"]').all()) await figure.hover();
    expect(await intruded()).toBe(false);
    expect(complaints.splice(0)).toEqual([]);
  });
});
