/** What the pages let run: their own scripts, whatever is written into records. In a real browser, on the server that `npm start` starts. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, signInAt } from '../helpers/browser.ts';
import { smallTraining, waitUntil } from '../helpers/runs.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { placesOf } from './places.ts';

/** For a machine that does much else. */
const patience = { timeout: 20_000 };

let data: string;
let server: TestServer;
let browser: Browser;
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
  data = await mkdtemp(join(tmpdir(), 'riftlab-test-security-'));
  [server, browser] = await Promise.all([startServer(data, '--no-demo'), launchBrowser()]);
  await server.query('mutation ($input: CreateProjectInput!) { createProject(input: $input) { id } }', {
    input: { name: 'closed', description: hostile },
  });
  const { startRift } = await server.query<{ startRift: { id: string } }>(
    'mutation ($input: StartRiftInput!) { startRift(input: $input) { id } }',
    { input: request },
  );
  run = startRift.id;
  await server.query('mutation ($name: String!) { createApiToken(name: $name, role: VIEWER) { token { id } } }', {
    name: hostile.slice(0, 100),
  });
  await server.query('mutation ($name: String!) { inviteUser(email: "x@example.org", name: $name) { user { id } } }', {
    name: hostile.slice(0, 100),
  });
  page = await openPage();
  await signInAt(page, server.address);
  await page.waitForURL(`${server.origin}/`);
  await waitUntil(async () => (await stateOf(run)) === 'FINISHED');
  await writeEverywhere();
});

afterAll(async () => {
  await browser?.close();
  await server?.end('SIGTERM');
  await rm(data, { recursive: true, force: true });
});

async function stateOf(id: string): Promise<string> {
  const answer = await server.query<{ run: { state: string } }>('query ($id: ID!) { run(id: $id) { state } }', { id });
  return answer.run.state;
}

/** Into what only workers write, and into a second run that failed. */
async function writeEverywhere(): Promise<void> {
  const client = new pg.Client({ connectionString: (await readFile(join(data, 'database-url'), 'utf8')).trim() });
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

async function openPage(): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  context.setDefaultTimeout(60_000);
  context.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`${message.location().url}: ${message.text()}`);
  });
  context.on('weberror', (error) => complaints.push(String(error.error())));
  await context.exposeFunction('complain', (text: string) => complaints.push(text));
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile, sample }) => {
      const { complain } = window as unknown as { complain(text: string): void };
      complain(`${location.pathname}: ${violatedDirective} refused ${blockedURI} of ${sourceFile} ${sample}`);
    });
  });
  return context.newPage();
}

async function visit(path: string): Promise<void> {
  await page.goto(server.origin + path);
  await page.locator('h1, .graphiql-container').first().waitFor({ state: 'visible' });
  await page.waitForLoadState('networkidle').catch(() => {});
  await page.locator('[aria-busy="true"]').waitFor({ state: 'detached' });
}

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
    await page.goto(`${server.origin}/new`);
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

  it('lets the editor ask and answer', async () => {
    await visit('/sign-in');
    // The editor keeps what it shows, also the nothing of a page that was left before it had begun.
    await page.evaluate(() => localStorage.clear());
    await visit('/graphql');
    await expect.poll(() => page.locator('.graphiql-query-editor').innerText(), patience).toContain('viewer');
    await page.getByRole('button', { name: /execute/i }).click();
    await expect.poll(() => page.locator('.graphiql-response').innerText(), patience).toContain('totalCount');
    expect(complaints.splice(0)).toEqual([]);
  });

  it.each(['/', '/sign-in', '/graphql', '/nowhere'])('of %s allows no script but its own', async (path) => {
    const response = await fetch(server.origin + path, { headers: { accept: 'text/html', cookie: await cookie() } });
    const policy = new Map(
      (response.headers.get('content-security-policy') ?? '').split('; ').map((part) => part.split(/ (.*)/) as [string, string]),
    );
    expect(policy.get('script-src')).toMatch(path === '/graphql' ? /^('sha256-[\w+/]+=*' ?)+$/ : /^'self' 'nonce-[\w-]{24}'$/);
    const { host } = new URL(server.origin);
    expect(policy.get('connect-src')).toBe(`'self' ws://${host} wss://${host}`);
    expect(policy.get('form-action')).toBe("'self'");
    for (const name of ['default-src', 'frame-ancestors', 'base-uri', 'object-src']) expect(policy.get(name), name).toBe("'none'");
    const scripts = [...(await response.text()).matchAll(/<script([^>]*)>/g)].map(([, attributes]) => attributes ?? '');
    expect(scripts.length).toBeGreaterThan(0);
    const nonce = /'nonce-([\w-]+)'/.exec(policy.get('script-src') ?? '')?.[1];
    if (nonce) for (const attributes of scripts) expect(attributes).toContain(`nonce="${nonce}"`);
  });

  it('has another nonce for every request, whatever the request says', async () => {
    const ask = async () => {
      const headers = { 'content-security-policy': "script-src 'nonce-mine'", 'x-nonce': 'mine' };
      const response = await fetch(`${server.origin}/sign-in`, { headers });
      expect(response.headers.get('cache-control')).toContain('no-store');
      expect(await response.text()).not.toContain('nonce="mine"');
      return response.headers.get('content-security-policy');
    };
    expect(await ask()).not.toBe(await ask());
  });

  it.each(['/', '/graphql'])('keeps a script from running that got into the document of %s', async (path) => {
    await visit(path);
    await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'window.intruded = 1';
      const image = document.createElement('div');
      image.innerHTML = '<img src="x" onerror="window.intruded = 1">';
      const frame = document.createElement('iframe');
      frame.srcdoc = '<script>parent.intruded = 1</script>';
      const address = document.createElement('a');
      address.href = 'javascript:void(window.intruded = 1)';
      document.body.append(script, image, frame, address);
      address.click();
      const base = document.createElement('base');
      base.href = 'http://example.org/';
      document.head.append(base);
      setTimeout('window.intruded = 1');
    });
    await expect
      .poll(() => new Set(complaints.map((text) => /(\S+) refused/.exec(text)?.[1])), patience)
      .toEqual(new Set([undefined, 'script-src-elem', 'script-src-attr', 'base-uri', 'script-src']));
    expect(await intruded()).toBe(false);
    complaints.splice(0);
  });

  it('keeps pages out of the frames of others', async () => {
    const other = await browser.newPage();
    await other.setContent(`<iframe src="${server.origin}/sign-in"></iframe>`);
    await expect.poll(() => other.frames()[1]?.url(), patience).toMatch(/^chrome-error:/);
    await other.close();
  });
});

async function cookie(): Promise<string> {
  return (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
}

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

describe('an address of pages', () => {
  it.each([
    ['GET', '/runs/%E0%A4%A', 400],
    ['GET', '/runs/%', 400],
    ['GET', '/runs/%00', 400],
    ['GET', '/runs/%ff', 400],
    ['POST', '/runs', 405],
    ['DELETE', '/', 405],
    ['GET', '/api/nothing', 404],
    ['POST', '/api', 404],
  ])('that cannot be read or is no page is refused in JSON: %s %s', async (method, path, status) => {
    const headers = { 'next-action': 'a'.repeat(40), 'content-type': 'text/plain' };
    const answer = await fetch(server.origin + path, method === 'POST' ? { method, headers, body: '[]' } : { method });
    expect(answer.status).toBe(status);
    expect(((await answer.json()) as { errors: { message: string }[] }).errors[0]?.message).toBeTruthy();
  });
});
