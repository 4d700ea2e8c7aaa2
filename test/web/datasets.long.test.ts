/** A dataset that is being prepared becomes ready on the pages by themselves; one that is missing is no dead end. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { npy } from '../engine/data/npy.ts';
import { launchBrowser, signInAt } from '../helpers/browser.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { deflated, makeZip } from '../helpers/zip.ts';

let data: string;
let server: TestServer;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'riftlab-test-datasets-'));
  await mkdir(join(data, 'datasets'));
  server = await startServer(data, '--no-demo', '--workers', '0', '--datasets', join(data, 'datasets'));
  browser = await launchBrowser();
  page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  await signInAt(page, server.address);
  await page.waitForURL(`${server.origin}/`);
});

afterAll(async () => {
  await browser?.close();
  await server?.end('SIGTERM');
  await rm(data, { recursive: true, force: true });
});

const patient = { timeout: 60_000 };

/** Compressed arrays of three classes in the datasets folder. */
async function writeImages(name: string): Promise<void> {
  await mkdir(join(data, 'datasets', name), { recursive: true });
  for (const part of ['train', 'test']) {
    const images = npy('|u1', [30, 8, 8], new Uint8Array(30 * 64).fill(7));
    const labels = npy(
      '|u1',
      [30],
      Uint8Array.from({ length: 30 }, (_, index) => index % 3),
    );
    const members = [deflated('images.npy', images), deflated('labels.npy', labels)];
    await writeFile(join(data, 'datasets', name, `${part}.npz`), makeZip(members));
  }
}

/** Lets the page be told late that datasets are ready, when the returned function is called: small ones are before a browser has drawn. */
async function tellLate(): Promise<() => void> {
  let isLate = true;
  await page.route('**/graphql', async (route) => {
    if (!route.request().postData()?.includes('"operationName":"System"')) return route.continue();
    const response = await route.fetch();
    const body = (await response.text()).replaceAll(
      /("name":"(?:first|second)set","state":)"READY"/g,
      isLate ? '$1"PREPARING"' : '$1"READY"',
    );
    await route.fulfill({ response, body });
  });
  return () => {
    isLate = false;
  };
}

describe('a dataset that is being prepared', () => {
  afterEach(() => page.unrouteAll({ behavior: 'ignoreErrors' }));

  const card = (name: string) => page.getByText(name, { exact: true }).locator('xpath=ancestor::*[.//dl][1]');

  it('becomes ready on the page of devices and data without reload', async () => {
    await writeImages('first-set');
    const release = await tellLate();
    await page.goto(`${server.origin}/system`);
    await card('firstset').getByText('Preparing').waitFor(patient);
    release();
    await card('firstset').getByText('Ready').waitFor(patient);
    expect(await card('firstset').getByText('8 × 8 × 1').isVisible()).toBe(true);
  });

  it('becomes ready in the form too', async () => {
    await writeImages('second-set');
    const release = await tellLate();
    await page.goto(`${server.origin}/new?kind=training`);
    const field = page
      .getByRole('combobox', { name: 'Dataset' })
      .or(page.getByRole('textbox', { name: 'Dataset' }))
      .first();
    await field.click(patient);
    await page.getByRole('option', { name: /^secondset · preparing/ }).waitFor(patient);
    release();
    await page.getByRole('option', { name: /^secondset$/ }).waitFor(patient);
  });
});

it('the form of a study takes data that is there, and says of the paper’s what to do', async () => {
  await page.goto(`${server.origin}/studies/new`);
  const field = page
    .getByRole('combobox', { name: 'Dataset' })
    .or(page.getByRole('textbox', { name: 'Dataset' }))
    .first();
  await expect.poll(() => field.inputValue(), patient).toBe('MNIST');
  await page
    .getByText(/^4 runs|^12 runs|No device has been measured yet/)
    .first()
    .waitFor(patient);
  expect(await page.locator('[data-error]').count()).toBe(0);
  expect(
    await page
      .getByRole('alert')
      .filter({ hasText: /not here|refused/ })
      .count(),
  ).toBe(0);
  await field.click();
  await page.getByRole('option', { name: "The paper's: CIFAR-10" }).click();
  await page
    .getByText(/^The files of CIFAR-10 are not here/)
    .first()
    .waitFor(patient);
  const said = page.locator('.mantine-Select-error');
  expect(await said.innerText()).toMatch(/npm run data -- cifar10 --datasets \S+datasets, .* Ready to use: mnist/);
  expect(await said.innerText()).not.toContain('{');
  const option = said.getByText('--datasets', { exact: true }).first();
  expect(await option.evaluate((element) => getComputedStyle(element).whiteSpace)).toBe('nowrap');
});
