/** What the engine knows of datasets and architectures, as checks of inputs need it. */
import type { Split } from '../../engine/config.ts';
import { EngineError } from '../../engine/errors.ts';
import {
  type ArchitectureOptions,
  architectureNames,
  type Content,
  type Dataset,
  type DatasetListing,
  findDataset,
  modules,
  type NetworkForm,
  type NetworkModule,
  networkLabel,
  OptionsError,
  splitContent,
} from '../../engine/index.ts';
import { BadInputError, NotFoundError } from '../errors.ts';
import { likest } from '../store/filter/nearest.ts';
import { formOf } from '../store/network-form.ts';
import { nameOf, type Path } from './input.ts';
import type { CheckpointRecord } from './records.ts';
import type { Session } from './session.ts';

export type { Dataset, DatasetListing };

export const readDatasets = ({ load, lab }: Session) => load.datasets.load(lab.datasetsFolder);

export interface SplitRecord {
  dataset: string;
  name: Split;
  images: number;
}

/** What the files of a split hold; null while they are missing or broken. */
export async function contentOfSplit(session: Session, { dataset, name }: SplitRecord): Promise<Content | null> {
  const { datasetsFolder } = session.lab;
  const found = findDataset(dataset);
  return (await found.state(datasetsFolder)).state === 'READY' ? splitContent(found, datasetsFolder, name) : null;
}

export interface ModuleRecord {
  name: string;
  shape: number[];
  parameters: number;
  norm: number;
}

export const modulesOfCheckpoint = (checkpoint: CheckpointRecord) => checkpoint.modules as unknown as ModuleRecord[];

/** A network as pages write it: ResNet-20 (CIFAR). */
export const networkOf = ({ architecture, architectureOptions }: { architecture: string; architectureOptions: unknown }): string =>
  networkLabel(architecture, architectureOptions as ArchitectureOptions);

/** What a run is about, for its name and params. */
export interface About {
  architecture: string;
  network: string;
  dataset: string;
  variant: string | null;
}

export const aboutOf = (
  weights: { architecture: string; architectureOptions?: unknown; variant: string | null },
  dataset: { name: string },
): About => ({
  architecture: weights.architecture,
  network: networkOf({ architectureOptions: {}, ...weights }),
  dataset: dataset.name,
  variant: weights.variant,
});

export interface NormalisationRecord {
  mean: number[];
  sd: number[];
}

/** What the checkpoint's network normalises pixels with: its own, or that of its dataset. */
export function normalisationOfCheckpoint(checkpoint: CheckpointRecord): NormalisationRecord | null {
  const { normalisation } = formOf(checkpoint);
  return normalisation ? { mean: [...normalisation.mean], sd: [...normalisation.deviation] } : null;
}

/** A dataset whose files are there. Throws NotFoundError for an unknown name, BadInputError for missing or broken files. */
export async function needDataset(session: Session, name: string, path: Path): Promise<Dataset> {
  const listings = await readDatasets(session);
  const dataset = knownDataset(name, path);
  const listing = listings.find((one) => one.name === dataset.name);
  if (listing && listing.state !== 'READY') throw new BadInputError(whyUnusable(dataset, listing, listings), path);
  return dataset;
}

const unusable: Record<Exclude<DatasetListing['state'], 'READY'>, (label: string) => string> = {
  MISSING: (label) => `The files of ${label} are not here.`,
  PREPARING: (label) => `${label} is being prepared.`,
  FAILED: (label) => `${label} cannot be used.`,
};

/** Others that are named where one cannot be used. */
const mostNamed = 5;

/** What is the matter, what mends it, and what can be used instead. */
function whyUnusable({ label }: Dataset, { state, hint }: DatasetListing, listings: readonly DatasetListing[]): string {
  const ready = listings.filter((one) => one.state === 'READY').map(({ name }) => name);
  const others = ready.length > 0 && `Ready to use: ${ready.slice(0, mostNamed).join(', ')}${ready.length > mostNamed ? ', …' : ''}.`;
  return [state !== 'READY' && unusable[state](label), hint, others].filter(Boolean).join(' ');
}

/** A dataset by its name, whether its files are there or not. Throws NotFoundError. */
export function knownDataset(name: string, path: Path): Dataset {
  try {
    return findDataset(name);
  } catch (error) {
    const { message, hint } = error as Error & { hint?: string };
    throw new NotFoundError(hint ? `${message} ${hint}` : message, path);
  }
}

/** The modules of a network for this dataset, in network order. Throws BadInputError for options that make no network. */
export function expectedModules(form: NetworkForm, dataset: Dataset, path: Path): NetworkModule[] {
  try {
    return modules(form, dataset);
  } catch (error) {
    if (!(error instanceof OptionsError)) throw error;
    const place = [...path, 'architectureOptions', ...error.path];
    throw new BadInputError(`${nameOf(place)}: ${error.message}${error.hint ? ` ${error.hint}` : ''}`, place);
  }
}

/** Throws BadInputError unless the checkpoint takes this dataset's images and tells its classes apart. */
export function matchShapes(checkpoint: CheckpointRecord, dataset: Dataset, path: Path): void {
  if (!(architectureNames as readonly string[]).includes(checkpoint.architecture))
    throw new BadInputError(
      `Checkpoint "${checkpoint.name}" is a ${checkpoint.architecture}, which cannot be computed here. Known: ${architectureNames.join(', ')}.`,
      path,
    );
  const expected = modulesFor(checkpoint, dataset, path);
  const own = new Map(modulesOfCheckpoint(checkpoint).map((module) => [module.name, module.shape.join('×')]));
  const wrong = expected.find(({ name, shape }) => own.get(name) !== shape.join('×'));
  if (!wrong) return;
  const [height, width, channels] = dataset.shape;
  const images = `${dataset.name} has images of ${height}×${width}×${channels} and ${dataset.classes} classes`;
  const needs = `for which ${wrong.name} needs the shape ${wrong.shape.join('×')}`;
  const trainedOn = checkpoint.dataset ? ` It was trained on ${checkpoint.dataset}.` : '';
  throw new BadInputError(
    `${images}, ${needs}; checkpoint "${checkpoint.name}" has ${own.get(wrong.name) ?? 'no such module'}.${trainedOn}`,
    path,
  );
}

/** The modules that the checkpoint's network would have for this dataset. */
function modulesFor(checkpoint: CheckpointRecord, dataset: Dataset, path: Path): NetworkModule[] {
  try {
    const { architecture, architectureOptions } = formOf(checkpoint);
    return modules({ architecture, architectureOptions }, dataset);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    throw new BadInputError(`Checkpoint "${checkpoint.name}" cannot take the images of ${dataset.name}. ${error.message}`, path);
  }
}

/** Throws BadInputError, with the nearest names that exist, for the first name that is no module. */
export function matchModules(names: readonly string[] | undefined, existing: readonly { name: string }[], path: Path): void {
  names?.forEach((name, position) => {
    if (existing.some((module) => module.name === name)) return;
    const known = existing.map((module) => module.name);
    const near = likest(name, known, 5).join(', ');
    throw new BadInputError(`There is no module "${name}"; the nearest of ${existing.length} are ${near}.`, [...path, position]);
  });
}
