/** A file from elsewhere becomes a checkpoint in a browser: sent, recognised, corrected, imported, measured. */
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { cifar10 } from '../../engine/data/cifar10.ts';
import { buildNetwork } from '../../engine/models/architectures.ts';
import { initialWeights } from '../../engine/weights/initial.ts';
import { toOfficial } from '../../engine/weights/state-dict.ts';
import { type Storages, Tensor, torchZip } from '../helpers/torch-file.ts';
import { pageProblems } from './page-problems.ts';
import { openWebLab, signIn } from './signed-in.ts';

const lab = openWebLab('import', '--workers', '0', '--upload-limit', '46');
let page: Page;
const complaints: string[] = [];

beforeAll(async () => {
  const context = await lab.browser.newContext({ viewport: { width: 1440, height: 900 } });
  context.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  context.on('weberror', (error) => complaints.push(String(error.error())));
  page = await context.newPage();
  await signIn(lab, page);
});

/** ResNet18 in the names of DataParallel, 45 MB: several parts of an upload. */
function resnet18(): Buffer {
  const storages: Storages = {};
  const entries = Object.entries(initialWeights(buildNetwork('RESNET18', {}, cifar10), 0)).map(([name, array], index) => {
    const { shape, bytes } = toOfficial(array);
    storages[String(index)] = bytes;
    return [`module.${name}`, new Tensor({ storage: String(index), shape })] as const;
  });
  return torchZip({ epoch: 200, state_dict: Object.fromEntries(entries) }, storages);
}

const seen = (locator: Locator, timeout = 60_000) => locator.first().waitFor({ state: 'visible', timeout });
/** By its path: a browser's driver takes long over bytes. */
async function give(name: string, content: Uint8Array | string): Promise<void> {
  const path = join(lab.data, name);
  await writeFile(path, content);
  await page.getByLabel('Checkpoint file').setInputFiles(path);
}
const fact = (label: string) => page.locator('dt', { hasText: new RegExp(`^${label}$`) }).locator('xpath=following-sibling::dd[1]');

const patient = { timeout: 60_000 };

async function choose(label: string, option: string): Promise<void> {
  await page
    .getByRole('combobox', { name: label, exact: true })
    .or(page.getByRole('textbox', { name: label, exact: true }))
    .first()
    .click();
  await page.getByRole('option', { name: new RegExp(`^${option}`) }).click();
}

describe('the import page', () => {
  it('says what is wrong with a file that holds no weights, and takes another', async () => {
    await page.goto(`${lab.server.origin}/checkpoints`);
    await page.getByRole('link', { name: 'Import' }).click();
    await page.waitForURL('**/checkpoints/import');
    await give('notes.txt', 'these are no weights');
    await seen(page.getByRole('alert').getByText(/neither a PyTorch checkpoint nor safetensors/));
    await page.getByRole('button', { name: 'Choose another file' }).click();
    await give('empty.pt', '');
    await seen(page.getByRole('alert').getByText('The file is empty.'));
    await give('large.pt', Buffer.alloc(47_000_000));
    await seen(page.getByRole('alert').getByText(/46000000 are the most/));
    expect(await readdir(join(lab.data, 'uploads'))).toEqual([]);
    expect(complaints.splice(0).filter((text) => !text.includes('413'))).toEqual([]);
  });

  it('goes on with a file where the connection broke off, and recognises its network', async () => {
    let parts = 0;
    await page.route('**/api/uploads/**', async (route) => {
      parts += 1;
      if (parts === 3 || parts === 4) await route.abort('connectionreset');
      else await route.continue();
    });
    await give('model-best.pth', resnet18());
    await seen(page.getByRole('progressbar', { name: 'Upload of model-best.pth' }));
    await seen(page.getByText('ResNet18', { exact: true }));
    expect(parts).toBeGreaterThan(11);
    await page.unroute('**/api/uploads/**');
    expect(await fact('File').innerText()).toBe('PyTorch, weights in state_dict');
    expect(await fact('For the images of').innerText()).toBe('CIFAR-10');
    expect(await fact('Normalisation').innerText()).toBe('0.4914 0.4822 0.4465 / 0.2471 0.2435 0.2616');
    expect(complaints.splice(0).filter((text) => !text.includes('ERR_CONNECTION_RESET'))).toEqual([]);
  });

  it('shows what a correction would do before anything is imported', async () => {
    await choose('Network', 'ResNet34');
    await seen(page.getByRole('alert').getByText(/The weights are not those of RESNET34/));
    expect(await page.getByRole('button', { name: 'Import', exact: true }).isDisabled()).toBe(true);
    await choose('Network', 'ResNet18');
    await choose('Normalisation', 'Other numbers');
    await page.getByLabel('Mean of each channel').fill('0.5 0.5');
    await page.getByLabel('Standard deviation of each channel').fill('0.25 0.25');
    await seen(page.getByRole('alert').getByText(/2 channels; the images have 3/));
    await choose('Normalisation', 'ImageNet');
    await expect.poll(() => fact('Normalisation').innerText(), patient).toBe('0.485 0.456 0.406 / 0.229 0.224 0.225');
    await choose('Trained by', 'PGD-AT');
    await expect.poll(() => fact('Trained by').innerText(), patient).toBe('PGD-AT');
    expect(await page.evaluate(pageProblems)).toEqual([]);
  });

  it('imports it, and leads to its measurement and to RiFT with the form filled in', async () => {
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await seen(page.getByRole('region', { name: 'Imported' }));
    expect(await readdir(join(lab.data, 'uploads'))).toEqual([]);
    const { checkpoints } = await lab.server.query<{ checkpoints: { nodes: { id: string }[] } }>(
      '{ checkpoints { nodes { id name format architecture dataset variant trainedHere normalisation { mean sd } } } }',
    );
    expect(checkpoints.nodes).toEqual([
      {
        ...{ id: 'Checkpoint-1', name: 'model-best', format: 'pytorch', architecture: 'RESNET18', dataset: 'cifar10', variant: 'PGD_AT' },
        ...{ trainedHere: false, normalisation: { mean: [0.485, 0.456, 0.406], sd: [0.229, 0.224, 0.225] } },
      },
    ]);
    await page.getByRole('link', { name: 'Measure' }).click();
    await page.waitForURL('**/new?kind=evaluation&checkpoint=Checkpoint-1');
    const request = page.getByRole('region', { name: 'GraphQL mutation' });
    await seen(request);
    expect(await request.innerText()).toMatch(/startEvaluation[\s\S]*checkpoint: "Checkpoint-1"/);
    await page.goto(`${lab.server.origin}/checkpoints/Checkpoint-1`);
    await page.getByRole('link', { name: 'RiFT from it' }).click();
    await page.waitForURL('**/new?kind=rift&checkpoint=Checkpoint-1');
    await seen(request);
    expect(await request.innerText()).toMatch(/startRift[\s\S]*model: \{\s*checkpoint: "Checkpoint-1"/);
    expect(complaints).toEqual([]);
  });

  it('says of weights that are here already as what they are kept', async () => {
    await page.goto(`${lab.server.origin}/checkpoints/import`);
    await give('model-best-again.pth', resnet18());
    await seen(page.getByText('ResNet18', { exact: true }));
    await choose('Normalisation', 'ImageNet');
    await choose('Trained by', 'PGD-AT');
    await expect.poll(() => fact('Trained by').innerText(), patient).toBe('PGD-AT');
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    const answer = page.getByRole('region', { name: 'Here already' });
    await seen(answer.getByText(/^These weights are here already as Checkpoint-1, "model-best" .* not called "model-best-again"\.$/));
    expect(await page.evaluate(pageProblems)).toEqual([]);
    expect(await lab.server.query('{ checkpoints { totalCount } }')).toEqual({ checkpoints: { totalCount: 1 } });
  });
});
