/** The pages of studies in a real browser: from the form with its cost to the figure of a run that has finished, live. */
import type { Locator, Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { axeViolations } from './axe.ts';
import { openWebLab, signIn } from './signed-in.ts';

const lab = openWebLab('studies');
let page: Page;

beforeAll(async () => {
  const context = await lab.browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  context.setDefaultTimeout(120_000);
  page = await context.newPage();
  await signIn(lab, page);
});

const seen = (locator: Locator, timeout = 120_000) => locator.first().waitFor({ state: 'visible', timeout });

const base = JSON.stringify({
  model: {
    training: {
      ...{ architecture: 'SMALL_CNN', dataset: 'mnist', trainImages: 256, epochs: 1, batchSize: 64, learningRate: 0.05 },
      attack: { epsilon: 0.1, stepSize: 0.05, steps: 2 },
    },
  },
  criticality: { images: 64, iterations: 1 },
  fineTune: { epochs: 1 },
  interpolation: { alphas: [0, 0.5, 1] },
  evaluation: { images: 64, suites: ['STANDARD', 'ADVERSARIAL'], attack: { steps: 2 } },
});

it('lead from an empty list over the cost to a study that is paused, resumed and finished', async () => {
  await page.goto(`${lab.server.origin}/studies`);
  await seen(page.getByText('No studies yet'));
  await page.getByRole('link', { name: 'New study' }).click();
  await page.waitForURL('**/studies/new');
  await page.getByLabel('Settings of all runs').fill('{"model": ');
  await seen(page.getByText('This is no JSON object.'));
  await page.getByLabel('Settings of all runs').fill('{"colour": 1}');
  await seen(page.getByText(/colour/));
  await page.getByLabel('Settings of all runs').fill('');
  await page
    .getByRole('combobox', { name: 'What it repeats' })
    .or(page.getByRole('textbox', { name: 'What it repeats' }))
    .first()
    .click();
  await page.getByRole('option', { name: 'Figure: the way back to robustness' }).click();
  await seen(page.getByText(/device hours on/));
  await page.getByRole('button', { name: 'Start the study' }).click();
  const dialog = page.getByRole('alertdialog', { name: 'This takes long' });
  await seen(dialog.getByText(/All its runs together will take about .* (days|years) on /));
  expect(await axeViolations(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Start the study' }).click();
  await dialog.getByRole('button', { name: /^Set the scale to/ }).click();
  await dialog.waitFor({ state: 'detached' });
  expect(Number.parseFloat(await page.getByLabel('Scale').inputValue())).toBeLessThan(100);
  await page.getByLabel('Scale').fill('100');
  expect(await lab.server.query('{ studies(first: 1) { nodes { id } } }')).toEqual({ studies: { nodes: [] } });
  await page.getByLabel('Settings of all runs').fill(base);
  await page.getByLabel('Seeds').fill('4');
  await page.getByLabel('Name').fill('way back');
  await seen(page.getByText(/device hours on/));
  await seen(page.getByText(/1 run, 1 network to train/));
  expect(await axeViolations(page)).toEqual([]);
  await page.getByRole('button', { name: 'Start the study' }).click();
  await page.waitForURL('**/studies/Study-1');
  await seen(page.getByRole('heading', { name: 'way back' }));
  await page.getByRole('button', { name: 'Pause' }).click();
  await seen(page.getByText('Paused'));
  await page.getByRole('button', { name: 'Resume' }).click();
  await seen(page.getByText('1 of 1 runs finished'), 600_000);
  await seen(page.getByRole('region', { name: 'Results' }).getByText('Finished', { exact: false }));
  await seen(page.getByRole('region', { name: 'Way back to robustness' }).locator('svg'));
  expect(
    await page
      .getByRole('region', { name: 'Results' })
      .getByText(/^\d+\.\d\d% *$/)
      .count(),
  ).toBeGreaterThan(3);
  expect(await axeViolations(page)).toEqual([]);
  await page.setViewportSize({ width: 390, height: 844 });
  await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
  await page.goto(`${lab.server.origin}/studies`);
  await seen(page.getByRole('link', { name: 'way back' }));
  expect(await axeViolations(page)).toEqual([]);
}, 900_000);

it('are asked about before seeds are added that take days', async () => {
  const large = {
    project: 'demo',
    name: 'large',
    base: { model: { training: { architecture: 'RESNET18', dataset: 'mnist' } } },
    seeds: [0],
  };
  const start = `mutation ($input: StartStudyInput!) { startStudy(input: $input) { id runs { nodes { id } } } }`;
  await lab.server.query('mutation { createProject(input: { name: "demo" }) { id } }').catch(() => {});
  const { startStudy } = (await lab.server.query(start, { input: large })) as {
    startStudy: { id: string; runs: { nodes: { id: string }[] } };
  };
  const cancel = (id: string) => lab.server.query('mutation ($id: ID!) { cancelRun(id: $id) { state } }', { id });
  await cancel(startStudy.runs.nodes[0]?.id ?? '');
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto(`${lab.server.origin}/studies/${startStudy.id}`);
  await page.getByRole('button', { name: 'More seeds' }).click();
  await page.getByLabel('Seeds to add').fill('1-3');
  await seen(page.getByText(/^About .* (days|years) on the quickest device\.$/));
  const question = page.getByRole('alertdialog', { name: 'This takes long' });
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await seen(question.getByText(/^The added seeds will take about .* (days|years) on the quickest device/));
  expect(await page.locator(':focus').innerText()).toBe('Change the settings');
  expect(await axeViolations(page)).toEqual([]);
  await page.keyboard.press('Enter');
  await question.waitFor({ state: 'detached' });
  const seeds = async () =>
    ((await lab.server.query('query ($id: ID!) { study(id: $id) { seeds } }', startStudy)) as { study: { seeds: number[] } }).study.seeds;
  expect(await seeds()).toEqual([0]);
  await page.getByLabel('Seeds to add').fill('1');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await question.getByRole('button', { name: 'Start it anyway' }).click();
  await seen(page.getByRole('link', { name: /^seed 1/ }));
  expect(await seeds()).toEqual([0, 1]);
  await lab.server.query('mutation ($id: ID!) { pauseStudy(id: $id) { id } }', startStudy);
}, 300_000);
