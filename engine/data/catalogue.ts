/** The datasets that the engine knows, and whether their files are there. */
import type { Split } from '../config.ts';
import { EngineError } from '../errors.ts';
import { cifar10 } from './cifar10.ts';
import type { DataState, Dataset } from './dataset.ts';
import { mnist } from './mnist.ts';
import { splitSizes } from './splits.ts';

/** By their canonical names. */
export const datasets: Readonly<Record<string, Dataset>> = { mnist, cifar10 };

export interface DatasetListing {
  name: string;
  state: DataState['state'];
  classes: number;
  /** Height, width, channels. */
  shape: number[];
  splits: { name: Split; images: number }[];
  /** What is wrong and what to do; absent when READY. */
  hint?: string;
}

/** The dataset of this name; case, hyphens and underscores do not matter. Throws EngineError when there is none. */
export function findDataset(name: string): Dataset {
  const canonical = name.toLowerCase().replaceAll(/[-_]/g, '');
  const dataset = Object.hasOwn(datasets, canonical) && datasets[canonical];
  if (dataset) return dataset;
  throw new EngineError(`There is no dataset "${name}".`, `Known datasets: ${Object.keys(datasets).join(', ')}.`);
}

async function list(dataset: Dataset, folder: string): Promise<DatasetListing> {
  const found = await dataset.state(folder);
  const listing = { name: dataset.name, classes: dataset.classes, shape: [...dataset.shape], splits: splitSizes(dataset) };
  if (found.state === 'READY') return { ...listing, state: 'READY' };
  return { ...listing, state: found.state, hint: 'problem' in found ? `${found.problem} ${dataset.hint(folder)}` : dataset.hint(folder) };
}

/** All datasets; files are looked for, not read. `folder` holds cifar-10-batches-bin. */
export function listDatasets(folder: string): Promise<DatasetListing[]> {
  return Promise.all(Object.values(datasets).map((dataset) => list(dataset, folder)));
}
