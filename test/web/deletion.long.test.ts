/** Choosing, deleting and restoring runs, what a filter's slips are answered with, and the search for checkpoints, in a real browser. */
import type { Locator, Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { pageProblems } from './page-problems.ts';
import { openWebLab, signIn } from './signed-in.ts';

const lab = openWebLab('deletion', '--workers', '0');
let page: Page;

beforeAll(async () => {
  await lab.server.query('mutation { createProject(input: { name: "p" }) { id } }');
  for (const name of ['first', 'second', 'third']) await addRun(name);
  page = await signIn(lab);
  await seen(row('first'));
});

/** A run that has ended. */
async function addRun(name: string): Promise<void> {
  const input = { project: 'p', name, training: { architecture: 'SMALL_CNN', dataset: 'mnist', trainImages: 100, epochs: 1 } };
  const start = 'mutation ($input: StartTrainingInput!) { startTraining(input: $input) { id } }';
  const { startTraining } = await lab.server.query<{ startTraining: { id: string } }>(start, { input });
  await lab.server.query('mutation ($id: ID!) { cancelRun(id: $id) { id } }', startTraining);
}

const seen = (locator: Locator) => locator.first().waitFor({ state: 'visible', timeout: 60_000 });
const unseen = (locator: Locator) => locator.first().waitFor({ state: 'hidden', timeout: 60_000 });
const row = (name: string) => page.getByRole('link', { name, exact: true }).and(page.locator(':visible'));
const box = (name: string) => page.getByRole('checkbox', { name: `Choose ${name}`, exact: true }).and(page.locator(':visible'));

describe('runs that are chosen', () => {
  it('are deleted, and come back with Undo', async () => {
    await box('first').check();
    await box('second').check();
    await seen(page.getByText('2 chosen'));
    await page.getByRole('toolbar', { name: 'Chosen runs' }).getByRole('button', { name: 'Delete' }).click();
    await seen(page.getByText('2 runs were deleted.'));
    await unseen(row('first'));
    await seen(row('third'));
    expect(await page.getByText('2 chosen').count()).toBe(0);
    await page.getByRole('button', { name: 'Undo' }).click();
    await seen(row('first'));
    await seen(row('second'));
  });

  it('are seen apart once they are deleted, and restored there', async () => {
    await box('third').check();
    await page.getByRole('toolbar', { name: 'Chosen runs' }).getByRole('button', { name: 'Delete' }).click();
    await unseen(row('third'));
    await page.getByRole('switch', { name: 'Deleted' }).click();
    await seen(row('third'));
    expect(await row('first').count()).toBe(0);
    expect(await page.evaluate(pageProblems)).toEqual([]);
    await row('third').click();
    await seen(page.getByText('This run is deleted'));
    await page.getByRole('button', { name: 'Restore' }).click();
    await unseen(page.getByText('This run is deleted'));
    await page.getByRole('link', { name: 'Runs' }).first().click();
    await seen(row('third'));
  });

  it('that somebody else deletes vanish without a reload', async () => {
    const { runs } = await lab.server.query<{ runs: { nodes: { id: string }[] } }>(`{ runs(filter: "name = 'second'") { nodes { id } } }`);
    const [{ id } = { id: '' }] = runs.nodes;
    await lab.server.query('mutation ($ids: [ID!]!) { deleteRuns(ids: $ids) { id } }', { ids: [id] });
    await unseen(row('second'));
    await lab.server.query('mutation ($ids: [ID!]!) { restoreRuns(ids: $ids) { id } }', { ids: [id] });
    await seen(row('second'));
  });
});

describe('a slip in a filter', () => {
  it('is answered with the nearest name, which a click takes', async () => {
    const filter = page.locator('input[aria-label="Filter"]');
    await filter.fill("params.architectur = 'SMALL_CNN'");
    const near = page.getByRole('button', { name: 'params.architecture', exact: true });
    await seen(near);
    expect(await page.evaluate(pageProblems)).toEqual([]);
    await near.click();
    await seen(row('first'));
    expect(await filter.inputValue()).toBe("params.architecture = 'SMALL_CNN'");
  });
});

describe('the search for checkpoints', () => {
  it.each(["it's", 'back\\', '100%_', '"', 'обучение'])('takes %s as it is written', async (text) => {
    await page.goto(`${lab.server.origin}/checkpoints`);
    const answered = page.waitForResponse((response) => response.request().postData()?.includes('"filter":"name ~') ?? false);
    await page.getByLabel('Search by name').fill(text);
    expect(await (await answered).json()).toMatchObject({ data: { checkpoints: { totalCount: 0 } } });
    await seen(page.getByText('No checkpoint has this name'));
  });
});
