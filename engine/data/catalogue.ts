/** The datasets that there are: those known by name, those of a lab's own, and whether their images are there. */
import type { Split } from '../config.ts';
import { EngineError } from '../errors.ts';
import { cifar10 } from './cifar10.ts';
import { cifar100In } from './cifar100.ts';
import type { DataState, Dataset } from './dataset.ts';
import { mnist } from './mnist.ts';
import { canonicalName, ownDatasets } from './own.ts';
import { preparationsEnded } from './preparation.ts';
import { splitSizes } from './splits.ts';
import { synthetic, syntheticNamed } from './synthetic.ts';
import { tinyImageNet, tinyImageNetIn } from './tiny-imagenet.ts';

/** Those that are known by name, as their authors published them. */
export const datasets: Readonly<Record<string, Dataset>> = {
  mnist,
  cifar10,
  cifar100: cifar100In(''),
  tinyimagenet: tinyImageNet,
  synthetic,
};

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

/**
 * What a folder was found to hold, by name: how many images a dataset has, and which there are of a lab's own, is known only when
 * its folder was looked into. A process has one datasets folder.
 */
let opened: ReadonlyMap<string, Dataset> = new Map();

async function open(folder: string, isWanted = (_name: string) => true): Promise<Dataset[]> {
  const tiny = isWanted(tinyImageNet.name) ? await tinyImageNetIn(folder) : tinyImageNet;
  const isOwn = (name: string) => isWanted(name) && !Object.hasOwn(datasets, name) && !syntheticNamed(name);
  const all = [mnist, cifar10, cifar100In(folder), tiny, synthetic, ...(await ownDatasets(folder, isOwn))];
  opened = new Map(all.map((dataset) => [dataset.name, dataset]));
  return all;
}

/** What a network for a dataset has to know of it. */
export type DatasetForm = Pick<DatasetListing, 'name' | 'classes' | 'shape'>;

/** A lab's own datasets among these, as far as networks for them can be made. */
export const ownForms = (listings: readonly DatasetListing[]): DatasetForm[] =>
  listings.flatMap(({ name, classes, shape, state }) =>
    state === 'READY' && !Object.hasOwn(datasets, name) ? [{ name, classes, shape }] : [],
  );

/** Makes a lab's own datasets known to a process that reads none of their images. */
export function describeDatasets(forms: readonly DatasetForm[]): void {
  const refuse = (name: string) => () => Promise.reject(new EngineError(`The images of ${name} are not read here.`));
  const described = forms.map(
    ({ name, classes, shape: [height = 0, width = 0, channels = 0] }): Dataset => ({
      ...{ name, label: name, classes, shape: [height, width, channels], images: { train: 0, test: 0 }, hint: () => '' },
      ...{ state: async () => ({ state: 'MISSING' }), content: refuse(name), read: refuse(name) },
    }),
  );
  opened = new Map([...opened, ...described.map((dataset) => [dataset.name, dataset] as const)]);
}

/** All that are known by name in this process, those of a lab's own last; of the synthetic ones none. */
export const knownDatasets = (): Dataset[] =>
  [...new Map([...Object.entries(datasets), ...opened]).values()].filter(({ name }) => !syntheticNamed(name));

/** Looks for a dataset, or for all, in the folder and waits until what is there is prepared, so that it can be found and read. */
export async function openDatasets(folder: string, only?: string): Promise<void> {
  const isWanted = (name: string) => only === undefined || name === canonicalName(only);
  await open(folder, isWanted);
  if (await preparationsEnded()) await open(folder, isWanted);
}

/** The dataset of this name; case, hyphens and underscores do not matter. Throws EngineError when there is none. */
export function findDataset(name: string): Dataset {
  const wanted = canonicalName(name);
  const dataset = opened.get(wanted) ?? (Object.hasOwn(datasets, wanted) ? datasets[wanted] : syntheticNamed(wanted));
  if (dataset) return dataset;
  const names = new Set([...Object.keys(datasets), ...opened.keys()]);
  throw new EngineError(`There is no dataset "${name}".`, `Known datasets: ${[...names].join(', ')}.`);
}

async function list(dataset: Dataset, folder: string): Promise<DatasetListing> {
  const found = await dataset.state(folder);
  const { name, classes, shape } = dataset;
  const listing = { name, classes, shape: [...shape], splits: splitSizes(dataset), state: found.state };
  if (found.state === 'READY') return listing;
  if (found.state === 'PREPARING') return { ...listing, hint: found.problem };
  return { ...listing, hint: 'problem' in found ? `${found.problem} ${dataset.hint(folder)}` : dataset.hint(folder) };
}

/** All datasets; files are looked for, and what they need before they open begins. `folder` holds cifar-10-batches-bin. */
export async function listDatasets(folder: string): Promise<DatasetListing[]> {
  return Promise.all((await open(folder)).map((dataset) => list(dataset, folder)));
}
