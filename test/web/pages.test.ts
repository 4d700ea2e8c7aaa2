/** The pages in a real browser, on the server that `npm start` starts: a run from the form to its last number, live. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Locator, Page, WebSocketRoute } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../server/store/database.ts';
import { launchBrowser, signInAt } from '../helpers/browser.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { startWorker } from '../helpers/worker.ts';
import { axeViolations } from './axe.ts';
import { type Look, looks, problemsOf, visitPlace } from './looks.ts';
import { addOtherRuns } from './other-runs.ts';
import { oneOfEachPage, openPlaces, otherPlaces, placesOf } from './places.ts';

let data: string;
let server: TestServer;
let browser: Browser;
let context: BrowserContext;
let page: Page;
/** What the browser complained about, on any page. */
const complaints: string[] = [];
/** The pages' live connections, to cut. */
const sockets: WebSocketRoute[] = [];

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'riftlab-test-pages-'));
  [server, browser] = await Promise.all([startServer(data, '--no-demo'), launchBrowser()]);
  context = await browser.newContext({ viewport: { width: 1440, height: 900 }, acceptDownloads: true, reducedMotion: 'reduce' });
  context.setDefaultTimeout(60_000);
  context.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`${message.location().url}: ${message.text()}`);
  });
  context.on('weberror', (error) => complaints.push(String(error.error())));
  await context.routeWebSocket(/\/graphql$/, (socket) => {
    socket.connectToServer();
    sockets.push(socket);
  });
  page = await context.newPage();
});

afterAll(async () => {
  await browser?.close();
  await server?.end('SIGTERM');
  await rm(data, { recursive: true, force: true });
});

const seen = (locator: Locator, timeout = 60_000) => locator.first().waitFor({ state: 'visible', timeout });

async function choose(within: Page | Locator, label: string, option: string): Promise<void> {
  await within
    .getByRole('combobox', { name: label, exact: true })
    .or(within.getByRole('textbox', { name: label, exact: true }))
    .first()
    .click();
  await page.getByRole('option', { name: new RegExp(`^${option}`) }).click();
}

const part = (name: string) => page.getByRole('region', { name, exact: true });

/** The number beside a label in a list of facts. */
const fact = (label: string) => page.locator('dt', { hasText: new RegExp(`^${label}$`) }).locator('xpath=following-sibling::dd[1]');

describe('pages', () => {
  it('send somebody without a session to the sign-in page, and the one-time address past it', async () => {
    await page.goto(`${server.origin}/checkpoints`);
    await page.waitForURL('**/sign-in?next=%2Fcheckpoints');
    await seen(page.getByRole('button', { name: 'Sign in' }));
    expect(complaints.splice(0).filter((text) => !text.includes('401'))).toEqual([]);
    await signInAt(page, server.address);
    await page.waitForURL(`${server.origin}/`);
    await seen(page.getByText('No runs yet'));
  });

  it('show what the server objects to at the field that it objects to', async () => {
    await page.goto(`${server.origin}/new`);
    await seen(page.getByRole('button', { name: 'Start the run' }));
    await choose(page, 'Dataset', 'MNIST');
    await part('Interpolation').getByLabel('Alphas').fill('0, 1.5');
    await part('Adversarially trained network').getByLabel('Epochs').fill('0');
    await part('Evaluation').getByLabel('Images').fill('many');
    await page.getByRole('button', { name: 'Start the run' }).click();
    const summary = page.getByRole('alert').filter({ hasText: 'The run was not started' });
    await seen(summary.getByText('Evaluation, Images'));
    expect(await page.locator(':focus').getAttribute('id')).toBe('field-evaluation.images');
    await part('Evaluation').getByLabel('Images').fill('500');
    await seen(summary.getByText(/An alpha lies in \[0, 1\]/));
    await seen(summary.getByText(/Must be at least 1 \(got 0\)\./));
    await seen(part('Interpolation').getByText(/An alpha lies in \[0, 1\]/));
    await seen(part('Adversarially trained network').getByText('Must be at least 1 (got 0).'));
    await page.getByRole('button', { name: 'Start the run' }).click();
    await expect.poll(() => page.locator(':focus').getAttribute('id')).toBe('field-model.training.epochs');
    const box = await page.locator(':focus').boundingBox();
    expect(box && box.y > 0 && box.y < 900).toBe(true);
    expect(new URL(page.url()).pathname).toBe('/new');
  });

  it('say what a run will take, and ask before one that takes days', async () => {
    await page.goto(`${server.origin}/new?preset=paper`);
    await seen(page.getByRole('radio', { name: /^Paper: /, checked: true }));
    expect(await page.getByRole('region', { name: 'GraphQL mutation' }).innerText()).toMatch(
      /protocol: PAPER[\s\S]*batchNorm: UPDATE[\s\S]*rule: LAST_STEP/,
    );
    await seen(page.getByText(/^About [\d.]+ (days|years) on /));
    await page.getByRole('button', { name: 'Start the run' }).click();
    const dialog = page.getByRole('alertdialog', { name: 'This takes long' });
    await seen(dialog.getByRole('button', { name: 'Start it anyway' }));
    await dialog.getByRole('button', { name: 'Change the settings' }).click();
    await page.getByRole('radio', { name: /^Quick try: / }).click();
    await seen(page.getByText(/^About [\d.]+ (seconds?|minutes?) on /));
    expect(new URL(page.url()).search).toContain('preset=quick');
  });

  it('show in an empty field what will be used, also where that is taken from another field', async () => {
    const radius = part('Module robust criticality').getByLabel('Radius ε').last();
    const grey = () => radius.getAttribute('placeholder');
    await expect.poll(grey).toBe('0.2');
    await part('Module robust criticality').getByLabel('Steps').fill('3');
    await expect.poll(grey).toBe('8/255');
    await part('Module robust criticality').getByLabel('Steps').fill('');
    await expect.poll(grey).toBe('0.2');
  });

  it('start a run by the form, with the request for scripts beside it', async () => {
    await choose(page, 'Architecture', 'Small CNN');
    const network = part('Adversarially trained network');
    await network.getByLabel('Training images').fill('192');
    await network.getByLabel('Epochs').fill('2');
    await network.getByLabel('Batch size').fill('64');
    await network
      .getByRole('button', { name: /More settings/ })
      .first()
      .click();
    await network.getByLabel('Milestones').fill('1');
    const attack = page.getByRole('group', { name: 'Attack', exact: true }).first();
    await attack.getByLabel('Radius ε').fill('25.5/255');
    await attack.getByLabel('Steps').fill('2');
    await part('Module robust criticality').getByLabel('Images').fill('32');
    await part('Fine-tune').getByLabel('Epochs').fill('2');
    await part('Interpolation').getByLabel('Alphas').fill('0, 0.25, 0.5, 0.75, 1');
    await part('Evaluation').getByLabel('Images').fill('48');
    const request = await page.getByRole('region', { name: 'GraphQL mutation' }).innerText();
    expect(request).toContain('architecture: SMALL_CNN');
    expect(request).toContain('epsilon: 0.1');
    expect(request).toContain('createProject(input: { name: "first" })');
    await page.getByRole('tab', { name: 'Python' }).click();
    expect(await page.getByRole('region', { name: 'Python script' }).innerText()).toContain('"trainImages": 192');
    await seen(page.getByText(/^About [\d.]+ (seconds?|minutes?|hours?) on /));
    await page.getByRole('button', { name: 'Start the run' }).click();
    await page.waitForURL('**/runs/Run-*').catch(async (error) => {
      throw new Error(`${await page.getByRole('alert').allInnerTexts()}`, { cause: error });
    });
  });

  it('show the run going on by itself, also after its connection was cut', async () => {
    await page.evaluate(() => Object.assign(window, { stayed: true }));
    await seen(page.getByRole('progressbar', { name: /^Training: / }));
    await seen(page.getByRole('heading', { name: 'Module robust criticality' }), 120_000);
    await seen(page.getByRole('img', { name: /Module robust criticality of \d+ modules/ }));
    for (const socket of sockets.splice(0)) await socket.close({ code: 1012, reason: 'cut by the test' });
    await seen(page.getByRole('img', { name: /^Accuracy over alpha\. Selected: alpha / }), 120_000);
    await seen(page.getByRole('img', { name: /^Accuracies with 95% intervals\. .*Adversarial/ }), 120_000);
    await seen(page.getByText('Finished', { exact: true }));
    expect(sockets.length).toBeGreaterThan(0);
    expect(await page.evaluate(() => 'stayed' in window)).toBe(true);
    expect(await page.locator('svg [aria-label="bar"] rect, svg [aria-label="bar"] path').count()).toBe(7);
  });

  it('choose another point when the tolerance moves, as the server does', async () => {
    const run = new URL(page.url()).pathname.split('/').pop();
    const selected = async (tolerance: number) => {
      const text = 'query ($id: ID!, $tolerance: Float) { run(id: $id) { sweep { selected(tolerance: $tolerance) { alpha } } } }';
      const answer = await server.query<{ run: { sweep: { selected: { alpha: number } } } }>(text, { id: run, tolerance });
      return String(answer.run.sweep.selected.alpha);
    };
    const tolerance = page.getByLabel('Tolerated loss in percentage points');
    for (const points of [0, 100]) {
      await tolerance.fill(String(points));
      await expect.poll(() => fact('Selected α').innerText()).toBe(await selected(points / 100));
    }
    await page.getByRole('slider', { name: 'Tolerated loss of robust accuracy' }).press('Home');
    await expect.poll(() => fact('Selected α').innerText()).toBe(await selected(0));
    await page.getByRole('button', { name: 'Show as a table' }).first().click();
    expect(
      await page
        .getByRole('table', { name: /^Accuracy over alpha/ })
        .getByRole('row')
        .count(),
    ).toBe(6);
  });

  it('download a checkpoint that is a safetensors file', async () => {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page
        .getByRole('link', { name: /^Download / })
        .first()
        .click(),
    ]);
    const chunks: Buffer[] = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    const header = JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE(0))).toString());
    expect(Object.keys(header)).toContain('feature_extractor.conv1.weight');
  });

  it('keep notes and tags, and list the run with its results', async () => {
    await page.getByRole('textbox', { name: 'Notes' }).fill('Seen by a browser.');
    await page.getByRole('button', { name: 'Save notes' }).click();
    await page.getByLabel('New tag, as key=value').fill('seen=yes');
    await page.keyboard.press('Enter');
    await seen(page.getByText('seen = yes'));
    await page.getByRole('link', { name: 'Runs' }).first().click();
    await page.waitForURL(`${server.origin}/`);
    const row = page.getByRole('row', { name: /rift-small-cnn-mnist/ });
    await seen(row);
    expect(await row.innerText()).toMatch(/Finished[\s\S]*Small CNN[\s\S]*MNIST[\s\S]*\d+\.\d%/);
  });

  it('filter and sort the list, and point at the place of a mistake', async () => {
    const filter = page
      .getByRole('textbox', { name: 'Filter' })
      .or(page.getByRole('combobox', { name: 'Filter' }))
      .first();
    await filter.fill("tags.seen = 'no'");
    await seen(page.getByText('No run matches'));
    await filter.fill('metrics.robust >');
    await seen(page.getByText(/line 1, column \d+/));
    await filter.fill("tags.seen = 'yes' and metrics.robust >= 0");
    await seen(page.getByRole('row', { name: /rift-small-cnn-mnist/ }));
    await page.getByRole('button', { name: 'Robust' }).click();
    await seen(page.locator('th[aria-sort="descending"]', { hasText: 'Robust' }));
    await seen(page.getByRole('row', { name: /rift-small-cnn-mnist/ }));
  });

  it('open the form again with the settings of the run', async () => {
    await page
      .getByRole('link', { name: /rift-small-cnn-mnist/ })
      .first()
      .click();
    await page.getByRole('link', { name: 'Start again' }).first().click();
    await seen(page.getByText(/With the settings of rift-small-cnn-mnist/));
    expect(await part('Adversarially trained network').getByLabel('Training images').inputValue()).toBe('192');
  });

  it('make an API token whose secret is shown once, and take it back', async () => {
    await page.goto(`${server.origin}/account`);
    await page.getByLabel('Name', { exact: true }).first().fill('notebook');
    await page.getByRole('button', { name: 'Create token' }).click();
    const secret = (await page.getByRole('region', { name: 'token', exact: true }).innerText()).trim();
    const ask = () =>
      fetch(`${server.origin}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
        body: JSON.stringify({ query: '{ viewer { role } }' }),
      }).then((response) => response.json() as Promise<{ data?: { viewer: { role: string } } | null }>);
    expect((await ask()).data?.viewer.role).toBe('MEMBER');
    await page.reload();
    const row = page.getByRole('row', { name: /notebook/ });
    await row.getByRole('button').click();
    await row.getByRole('button', { name: 'Really revoke? notebook' }).click();
    await row.waitFor({ state: 'detached' });
    expect((await ask()).data?.viewer).toBeUndefined();
  });

  it('show what devices are worth, and live what is wrong with them', async () => {
    await page.goto(`${server.origin}/system`);
    const taken = page.getByRole('article').filter({ has: page.getByText('Idle', { exact: true }) });
    await seen(taken.getByText(/^Self-test passed in .* · .* \d/));
    expect(await taken.innerText()).toMatch(/ on \w+\s+Idle\s[\s\S]*Memory\s+[\d.]+ GB\s[\s\S]*Speed\s+[\d.,]+ images\/s/);
    await seen(page.getByRole('region', { name: 'GPU commands' }).getByText('npm run setup:cuda'));

    const databaseUrl = (await readFile(join(data, 'database-url'), 'utf8')).trim();
    const worker = startWorker(databaseUrl, data, 'wishful', { device: 'cuda:63' });
    const absent = page.getByRole('article', { name: 'cuda:63' });
    await seen(absent.getByText('Failed', { exact: true }));
    await seen(absent.getByText(/^There is no cuda:63 here\. ./));
    await worker.end('SIGTERM');
    await seen(absent.getByText('Offline', { exact: true }));

    await page.goto(`${server.origin}/new`);
    await page
      .getByRole('button', { name: /More settings/ })
      .first()
      .click();
    await page
      .getByRole('combobox', { name: 'Device', exact: true })
      .or(page.getByRole('textbox', { name: 'Device', exact: true }))
      .first()
      .click();
    const offered = page.getByRole('option', { name: /cuda:63.*offline/ });
    await seen(offered);
    expect(await offered.getAttribute('data-combobox-disabled')).toBe('true');
    await page.keyboard.press('Escape');
  });

  const visit = (place: string) => visitPlace(page, server.origin, place);

  /** Contrast of the words in a figure's hint, the worst of them. Runs inside the page. */
  const tipContrast = (tip: Element): number => {
    const luminance = (color: string) => {
      const [red = 0, green = 0, blue = 0] = (color.match(/[\d.]+/g) ?? []).map(Number).map((value) => {
        const share = value / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const fillOf = (element: Element) => getComputedStyle(element).fill;
    const ground = luminance(fillOf(tip.querySelector('path') as Element));
    const words = [...tip.querySelectorAll('text, tspan')].filter(({ textContent }) => textContent?.trim());
    const contrasts = words.map((word) => {
      const [dark = 0, light = 0] = [luminance(fillOf(word)), ground].sort((one, other) => one - other);
      return (light + 0.05) / (dark + 0.05);
    });
    return Math.min(...contrasts);
  };

  describe('everywhere', () => {
    let others: string[] = [];

    beforeAll(async () => {
      const database = openDatabase((await readFile(join(data, 'database-url'), 'utf8')).trim(), 2);
      others = await addOtherRuns(database, 'first');
      await database.close();
    });

    // Both looks of every place: looks.long.test.ts.
    it('have one heading, names for every control, readable text and no sideways scroll, in turn wide and light, narrow and dark', async () => {
      const places = [...placesOf({ runs: ['Run-1', ...others], checkpoint: 'Checkpoint-1' }), ...openPlaces, ...otherPlaces];
      const found = await problemsOf(page, oneOfEachPage(places), visit, (index) => [looks[index % 2] as Look]);
      expect(found).toEqual([]);
    });

    it('list an accuracy that failed a sanity check as suspect', async () => {
      await page.setViewportSize({ width: 1440, height: 900 });
      await visit('/runs');
      await seen(page.getByRole('cell', { name: '42.0% (suspect)' }));
    });

    it('say of a run that has ended without a word that it logged nothing', async () => {
      await visit(`/runs/${others[0]}`);
      await seen(page.getByRole('log').getByText('The run logged nothing.'));
      await visit(`/runs/${others[2]}`);
      await seen(page.getByRole('log').getByText('Nothing has been logged yet.'));
    });

    it.each(['light', 'dark'] as const)('hold hints that can be read: %s', async (colorScheme) => {
      await page.setViewportSize({ width: 1440, height: 900 });
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await visit('/runs/Run-1');
      await page.locator('time').first().hover();
      await seen(page.getByRole('tooltip'));
      // A hint belongs to what it describes and to no part of the page.
      expect(await axeViolations(page, ['region'])).toEqual([]);
      for (const name of [/^Accuracy over alpha/, /^Module robust criticality of/]) {
        const figure = page.getByRole('img', { name }).locator('svg').first();
        await figure.scrollIntoViewIfNeeded();
        const box = (await figure.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
        const tip = figure.locator('[aria-label="tip"]');
        // From right to left, until the pointer is near a point.
        for (let step = 9; step > 0 && (await tip.locator('text').count()) === 0; step--)
          await page.mouse.move(box.x + (box.width * step) / 10, box.y + box.height / 2);
        await seen(tip.locator('text'));
        expect(await tip.evaluate(tipContrast), String(name)).toBeGreaterThanOrEqual(4.5);
      }
    });
  });

  it('go to other pages from the folded navigation of a narrow screen', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(server.origin);
    const open = page.getByRole('button', { name: 'Open navigation' });
    await open.focus();
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.closest('main') !== null)).toBe(true);
    await open.click();
    await page.getByRole('link', { name: 'Leaderboard' }).focus();
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Leaderboard' }).waitFor({ state: 'hidden' });
    await expect.poll(() => page.locator(':focus').getAttribute('aria-label')).toBe('Open navigation');
    await open.click();
    await page.getByRole('link', { name: 'Leaderboard' }).click();
    await page.waitForURL('**/leaderboard');
    await seen(page.getByRole('heading', { name: 'Leaderboard' }));
  });

  it('gave the browser nothing to complain about', () => {
    expect(complaints.filter((text) => !/\/nowhere: .*404/.test(text))).toEqual([]);
  });
});
