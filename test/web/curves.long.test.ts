/** Curves of whatever a script logs, as a real browser draws them: percentages, single points, what diverges; on dense screens too. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../../server/store/database.ts';
import { recordMetrics } from '../../server/store/recording.ts';
import { addRun } from '../server/api/records.ts';
import { openWebLab, signIn } from './signed-in.ts';

const lab = openWebLab('curves', '--workers', '0');
let database: Database;
let state: Awaited<ReturnType<Awaited<ReturnType<Browser['newContext']>>['storageState']>>;
let run: string;

const steps = 200;
const series: Record<string, (step: number) => number> = {
  'train.loss': (step) => (step < 150 ? 2.3 * Math.exp(-step / 60) + 0.02 * Math.sin(step) : Number.NaN),
  'val.loss': (step) => (step >= 80 && step < 90 ? Number.POSITIVE_INFINITY : 2 + step / 100),
  'train.accuracy': (step) => 60 + (29 * step) / steps,
  'val.accuracy': (step) => 0.3 + (0.5 * step) / steps,
  'gradient.norm': (step) => 10 ** (step / 40 - 2),
  huge: (step) => 1e200 * (1 + step),
  tiny: (step) => 1e-12 * (step - 100),
  constant: () => 5,
};

beforeAll(async () => {
  database = openDatabase((await readFile(join(lab.data, 'database-url'), 'utf8')).trim());
  const row = await addRun(database, { name: 'logged-elsewhere', data: { kind: 'EXTERNAL', state: 'FINISHED' } });
  run = `/runs/Run-${row}`;
  for (const [key, of] of Object.entries(series)) {
    const points = Array.from({ length: steps }, (_, step) => ({ key, step, value: of(step) }));
    await recordMetrics(database.prisma, row, points);
  }
  await recordMetrics(database.prisma, row, [
    { key: 'test.accuracy', step: 199, value: 0.77 },
    { key: 'only.nan', step: 0, value: Number.NaN },
    { key: 'standard', step: 0, value: Number.NaN },
    { key: 'robust', step: 0, value: 54.5 },
  ]);
  const context = await lab.browser.newContext();
  const first = await context.newPage();
  await signIn(lab, first);
  state = await context.storageState();
  await context.close();
});

afterAll(async () => {
  await database?.close();
});

const seen = (locator: Locator) => locator.first().waitFor({ state: 'visible', timeout: 60_000 });
const figure = (page: Page, title: string) => page.getByRole('img', { name: new RegExp(`^Training, ${title}\\.`, 'i') });

/** A page of its own, whose canvases keep the fonts that they were asked for. */
async function open(place: string, options: Parameters<Browser['newContext']>[0] = {}) {
  const context = await lab.browser.newContext({
    storageState: state,
    viewport: { width: 1440, height: 900 },
    reducedMotion: 'reduce',
    ...options,
  });
  const page = await context.newPage();
  await page.addInitScript(() => {
    const fonts: string[] = [];
    const texts: string[] = [];
    Object.assign(window, { fonts, texts });
    const { fillText } = CanvasRenderingContext2D.prototype;
    CanvasRenderingContext2D.prototype.fillText = function (...given) {
      fonts.push(this.font);
      texts.push(given[0]);
      return fillText.apply(this, given);
    };
  });
  await page.goto(lab.server.origin + place);
  return page;
}

/** Pixels of a colour in the picture, and how many columns of it have some: a curve from end to end has them in most. */
const coloured = (picture: Locator, tone: string) =>
  picture.locator('canvas').evaluate((canvas: HTMLCanvasElement, name) => {
    const { width, height } = canvas;
    const pixels = canvas.getContext('2d')?.getImageData(0, 0, width, height).data ?? [];
    const probe = document.createElement('i');
    document.body.append(probe);
    probe.style.color = `var(--figure-${name})`;
    const wanted = getComputedStyle(probe).color.match(/\d+/g)?.map(Number) ?? [];
    probe.remove();
    const columns = new Set<number>();
    let count = 0;
    for (let at = 0; at < pixels.length; at += 4) {
      if ((pixels[at + 3] ?? 0) < 200 || wanted.some((value, channel) => Math.abs(value - (pixels[at + channel] ?? 0)) > 12)) continue;
      count++;
      columns.add((at / 4) % width);
    }
    return { count, share: columns.size / width };
  }, tone);

describe('curves', () => {
  it('are drawn from end to end for percentages, and read as the numbers that were logged', async () => {
    const page = await open(run);
    const picture = figure(page, 'accuracy').filter({ has: page.locator('canvas') });
    await seen(picture);
    const percentages = page
      .getByRole('img', { name: /accuracy\. Train accuracy from 60 to 88\.86 at step 199/i })
      .or(page.getByRole('img', { name: /accuracy\. Train from 60 to 88\.86 at step 199/i }));
    await seen(percentages);
    await expect.poll(async () => (await coloured(percentages, 'standard')).share).toBeGreaterThan(0.6);
    const shares = page.getByRole('img', { name: /accuracy\. .*Val from 30\.0% to 79\.8% at step 199/i });
    await seen(shares);
    expect(await page.getByText(/\d{4}\.\d%/).count()).toBe(0);
    await page.context().close();
  });

  it('show a single point', async () => {
    const page = await open(run);
    const picture = page.getByRole('img', { name: /Robust 54\.5 at step 0/i });
    await seen(picture);
    await expect.poll(async () => (await coloured(picture, 'standard')).count).toBeGreaterThan(8);
    await seen(page.getByRole('img', { name: /Test 77\.0% at step 199/i }));
    await page.context().close();
  });

  it('say where they end in NaN, in words, in the picture, in the table and in the list of runs', async () => {
    const page = await open(run);
    await seen(page.getByText('Train: NaN since step 150'));
    await seen(page.getByText('Nan: NaN since step 0').or(page.getByText('Only nan: NaN since step 0')));
    const losses = page.getByRole('img', { name: /loss\. Train from 2\.3 to 0\.\d+ at step 149, NaN since step 150/i });
    await seen(losses);
    await expect.poll(async () => (await coloured(losses, 'wrong')).count).toBeGreaterThan(20);
    const holder = page.locator('figure').filter({ has: losses });
    expect(await holder.locator('.u-legend').innerText()).toMatch(/Train\s*NaN/);
    await holder.getByRole('button', { name: 'Show as a table' }).click();
    const rows = await page
      .getByRole('table', { name: /^Training, loss/ })
      .getByRole('row')
      .allInnerTexts();
    expect(rows.at(-1)).toMatch(/199\s*NaN\s*3\.99/);
    expect(rows.find((row) => /^80\s/.test(row))).toMatch(/∞/);
    await page.goto(lab.server.origin);
    const row = page.getByRole('row', { name: /logged-elsewhere/ });
    await seen(row);
    expect(await row.innerText()).toMatch(/NaN\s+54\.5/);
    await page.context().close();
  });

  it('have an axis for numbers of any size', async () => {
    const page = await open(run);
    const texts = () => page.evaluate(() => (window as unknown as { texts: string[] }).texts);
    for (const tick of ['1.00e202', '5.00e−11', '80%', '70', '5.0', '1,000']) await expect.poll(texts).toContain(tick);
    await page.context().close();
  });

  it('take a scale of powers of ten where that tells more', async () => {
    const page = await open(run);
    const tall = page.getByRole('img', { name: /norm\. .*Gradient norm/i });
    await seen(tall);
    await page.getByRole('button', { name: 'Log scale' }).first().click();
    await seen(page.getByRole('button', { name: 'Linear scale', pressed: true }));
    expect(await page.getByRole('img', { name: /Huge from 1\.00e200/ }).count()).toBe(1);
    await page.context().close();
  });

  it.each([1, 2, 3])('have axes of the same size at %d pixels to a point', async (deviceScaleFactor) => {
    const page = await open(run, { deviceScaleFactor });
    await seen(page.locator('canvas'));
    const sizes = async () => [
      ...new Set((await page.evaluate(() => (window as unknown as { fonts: string[] }).fonts)).map((font) => Number.parseFloat(font))),
    ];
    await expect.poll(sizes).toContain(12 * deviceScaleFactor);
    expect(Math.min(...(await sizes()))).toBeGreaterThanOrEqual(11 * deviceScaleFactor);
    await page.context().close();
  });
});

/** Pictures of the page for whoever wants to look: PICTURES names a folder. */
describe.runIf(process.env.PICTURES)('pictures', () => {
  it.each([1440, 390].flatMap((width) => (['light', 'dark'] as const).map((colorScheme) => ({ width, colorScheme }))))(
    '$width $colorScheme',
    async ({ width, colorScheme }) => {
      for (const [name, place] of Object.entries({ run, list: '/' })) {
        const page = await open(place, { viewport: { width, height: 900 }, colorScheme, deviceScaleFactor: 2 });
        await page.waitForLoadState('networkidle');
        await page.screenshot({ path: join(process.env.PICTURES ?? '', `${name}-${width}-${colorScheme}.png`), fullPage: true });
        await page.context().close();
      }
    },
  );
});
