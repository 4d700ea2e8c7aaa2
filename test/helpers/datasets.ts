/**
 * Finds the image data that tests use beyond MNIST and names its folder in RIFTLAB_DATASETS.
 * Where ../shared lies beside the checkout its packs are unpacked once, into node_modules/.cache.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const cache = join(root, 'node_modules/.cache/riftlab');

/** The folder of golden files and public checkpoints, or null on a checkout that stands alone. */
export const sharedFolder = existsSync(join(root, '../shared/goldens')) ? resolve(root, '../shared') : null;

/** A datasets folder of its own with CIFAR-100 and Tiny-ImageNet-200, as far as they are there; null where they are not. */
export const moreDatasets = sharedFolder && join(cache, 'more-datasets');

function unpackMore(shared: string, folder: string): void {
  if (existsSync(folder)) return;
  const draft = `${folder}.${process.pid}`;
  mkdirSync(draft, { recursive: true });
  execFileSync(process.execPath, [join(shared, 'data/unpack.mjs'), draft, 'cifar100'], { stdio: 'inherit' });
  execFileSync('tar', ['-xf', join(shared, 'data/tiny-imagenet-200-sample.tar'), '-C', draft]);
  if (existsSync(folder)) rmSync(draft, { recursive: true });
  else renameSync(draft, folder);
}

export default function setup(): void {
  if (sharedFolder && moreDatasets) unpackMore(sharedFolder, moreDatasets);
  if (process.env.RIFTLAB_DATASETS) return;
  if (!sharedFolder) {
    if (process.env.CI) throw new Error('CI needs ../shared beside the checkout: golden files, checkpoints and CIFAR-10.');
    return;
  }
  const folder = join(cache, 'datasets');
  if (!existsSync(join(folder, 'cifar-10-batches-bin/test_batch.bin'))) {
    execFileSync(process.execPath, [join(sharedFolder, 'data/unpack.mjs'), folder, 'cifar10'], { stdio: 'inherit' });
  }
  process.env.RIFTLAB_DATASETS = folder;
}
