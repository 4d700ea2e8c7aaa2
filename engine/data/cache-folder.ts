/** Where what was found out about data files is kept: beside them, or in the person's own cache where that may not be written. */
import { existsSync } from 'node:fs';
import { access, constants, mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { DataError } from '../errors.ts';

async function usable(parent: string, folder: string): Promise<string | undefined> {
  try {
    await access(parent, constants.W_OK);
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
    return folder;
  } catch {
    return undefined;
  }
}

/** The folder; undefined where there is none to write to, or no datasets folder. */
export async function cacheFolder(datasets: string): Promise<string | undefined> {
  if (datasets === '' || !existsSync(datasets)) return undefined;
  const beside = await usable(datasets, join(datasets, '.riftlab'));
  return beside ?? usable(homedir(), join(homedir(), '.cache', 'riftlab', 'datasets'));
}

/** The same for what has to be kept. Throws DataError where there is nowhere to. */
export async function cacheFor(datasets: string): Promise<string> {
  const folder = await cacheFolder(datasets);
  if (folder) return folder;
  throw new DataError(
    `Neither ${datasets} nor the home folder can be written to: what its images are made into has nowhere to go.`,
    'Make the datasets folder writable.',
  );
}
