/** The form of a study as text and choices, and the request that it means. */
import type { Dataset } from '../../queries/lab.ts';
import type { RequestProblem } from '../errors.ts';
import { objectOf, paperDatasets, seedsOf } from '../studies.ts';
import { datasetWord } from '../words.ts';
import { atField } from './labels.ts';
import { readyDataset } from './presets.ts';

/** A study that repeats nothing of the paper. */
export const ownGrid = 'OWN';

/** The data that the preset or the settings name. */
export const asGiven = '';

export interface StudyFields {
  preset: string;
  name: string;
  project: string;
  seeds: string;
  scale: number | string;
  /** asGiven, or a name that stands for it. */
  dataset: string;
  base: string;
  grid: string;
}

export type StudyProblems = Partial<Record<keyof StudyFields, string>>;

/** The paper's data where all of it is ready, otherwise what is: first of the paper's own. */
export function usualDataset(preset: string, datasets: readonly Dataset[]): string {
  const papers = paperDatasets(preset);
  const isReady = (name: string) => datasets.some((one) => one.name === name && one.state === 'READY');
  return papers.every(isReady) ? asGiven : (papers.find(isReady) ?? readyDataset(datasets) ?? asGiven);
}

type Settings = Record<string, unknown>;
const within = (value: unknown, name: string) => (value as Settings | undefined)?.[name];

/** Whether the settings say themselves which networks the runs have, or what these are trained on. */
export function givesDataset(base: string, grid: string): boolean {
  const model = within(objectOf(base), 'model');
  const fields = Object.keys(objectOf(grid) ?? {});
  return (
    within(model, 'checkpoint') !== undefined ||
    within(within(model, 'training'), 'dataset') !== undefined ||
    fields.some((field) => ['model', 'model.checkpoint', 'model.training', 'model.training.dataset'].includes(field))
  );
}

function withDataset(settings: Settings | undefined, dataset: string): Settings {
  const model = within(settings, 'model') as Settings | undefined;
  return { ...settings, model: { ...model, training: { ...(within(model, 'training') as Settings | undefined), dataset } } };
}

/** The input of startStudy, and what cannot be sent as it stands. */
export function readStudy({ preset, name, project, seeds, scale, dataset, base, grid }: StudyFields) {
  const problems: StudyProblems = {};
  const list = seedsOf(seeds);
  const [settings, axes] = [objectOf(base), objectOf(grid)];
  if (name.trim() === '') problems.name = 'This is needed.';
  if (project.trim() === '') problems.project = 'This is needed.';
  if (!list) problems.seeds = 'Whole numbers: 0, 1, 2 or 0-4.';
  if (typeof scale !== 'number') problems.scale = 'A number above 0, at most 100.';
  if (settings === null) problems.base = 'This is no JSON object.';
  if (axes === null) problems.grid = 'This is no JSON object.';
  const chosen = dataset === asGiven || givesDataset(base, grid) ? settings : withDataset(settings ?? undefined, dataset);
  const input = {
    ...{ name: name.trim(), project: project.trim(), seeds: list ?? [], scale: Number(scale) / 100 },
    ...(preset !== ownGrid && { preset }),
    ...(chosen && { base: chosen }),
    ...(axes && { grid: axes }),
  };
  return { input, problems };
}

const fields: readonly string[] = [
  'preset',
  'name',
  'project',
  'seeds',
  'scale',
  'dataset',
  'base',
  'grid',
] satisfies (keyof StudyFields)[];

/** Objections at one field that are told in full. */
const mostTold = 3;

const isOfDataset = (path: readonly (string | number)[]) =>
  ['input.base.model.training.dataset', 'input.grid.model.training.dataset'].includes(path.join('.'));

/** Objections by the form's fields; others stand at the button. */
export function placedProblems({ base, grid }: StudyFields, problems: readonly RequestProblem[]) {
  const told: Partial<Record<keyof StudyFields, string[]>> = {};
  const other: string[] = [];
  for (const { path, message } of problems) {
    const name = isOfDataset(path) && !givesDataset(base, grid) ? 'dataset' : String(path[1] ?? '');
    if (!fields.includes(name)) other.push(atField(message));
    else told[name as keyof StudyFields] = [...(told[name as keyof StudyFields] ?? []), atField(message)];
  }
  const byField: StudyProblems = Object.fromEntries(
    Object.entries(told).map(([field, messages]) => {
      const more = messages.length - mostTold;
      return [field, [...messages.slice(0, mostTold), ...(more > 0 ? [`And ${more} more of the kind.`] : [])].join('\n')];
    }),
  );
  return { byField, other };
}

/** What is not as in the paper because data is not ready; null where nothing is. */
export function standInWord(preset: string, dataset: string, datasets: readonly Dataset[]): string | null {
  const papers = paperDatasets(preset);
  const missing = papers.filter((name) => datasets.find((one) => one.name === name)?.state !== 'READY');
  if (dataset === asGiven || missing.length === 0) return null;
  const which = missing.map(datasetWord).join(' and ');
  const how = `${which} ${missing.length === 1 ? 'is' : 'are'} not ready here: choose the paper's data to read what to do.`;
  return papers.includes(dataset) ? how : `${how} Numbers of ${datasetWord(dataset)} are no repetition of the paper's.`;
}
