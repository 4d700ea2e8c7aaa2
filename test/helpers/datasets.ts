/**
 * Finds the image data that tests use beyond MNIST and names its folder in RIFTLAB_DATASETS.
 * Where ../shared lies beside the checkout its packs are unpacked once, into node_modules/.cache.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/** The folder of golden files and public checkpoints, or null on a checkout that stands alone. */
export const sharedFolder = existsSync(join(root, '../shared/goldens')) ? resolve(root, '../shared') : null;

export default function setup(): void {
  if (process.env.RIFTLAB_DATASETS) return;
  if (!sharedFolder) {
    if (process.env.CI) throw new Error('CI needs ../shared beside the checkout: golden files, checkpoints and CIFAR-10.');
    return;
  }
  const folder = join(root, 'node_modules/.cache/riftlab/datasets');
  if (!existsSync(join(folder, 'cifar-10-batches-bin/test_batch.bin'))) {
    execFileSync(process.execPath, [join(sharedFolder, 'data/unpack.mjs'), folder, 'cifar10'], { stdio: 'inherit' });
  }
  process.env.RIFTLAB_DATASETS = folder;
}
