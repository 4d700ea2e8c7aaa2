/** What studies are made of, as words. */
import { enumWord } from './form/hints.ts';
import { architectureWord, datasetWord, spaced, variantWord } from './words.ts';

export const studyPresets: Record<string, string> = {
  TABLE_1: 'Table 1: networks and data',
  TABLE_2: 'Table 2: other adversarial trainings',
  TABLE_3: 'Table 3: which part is fine-tuned',
  TABLE_4: 'Table 4: how many modules are fine-tuned',
  FIGURE_MRC: 'Figure: module robust criticality',
  FIGURE_ALPHA: 'Figure: the way back to robustness',
};

export const presetWord = (name: string | null): string => (name === null ? 'A grid of its own' : (studyPresets[name] ?? name));

const words: Record<string, (value: string) => string> = {
  'model.training.architecture': architectureWord,
  'model.training.dataset': datasetWord,
  'model.training.variant': variantWord,
  'fineTune.select': (value) => enumWord('ModuleSelection', value) ?? spaced(value),
};

/** The field of a path: "fineTune.k" → "K". */
export const fieldWord = (path: string): string => spaced(path.split('.').at(-1) ?? path);

/** A value of a grid; names by which nobody could tell the field are given it. */
export function cellWord(path: string, value: unknown): string {
  if (typeof value === 'string') return words[path]?.(value) ?? `${fieldWord(path)} ${value}`;
  return `${fieldWord(path)} ${JSON.stringify(value)}`;
}

export function cellWords(cell: unknown): string {
  const parts = Object.entries((cell ?? {}) as Record<string, unknown>).map(([path, value]) => cellWord(path, value));
  return parts.length === 0 ? 'All settings as given' : parts.join(' · ');
}

/** "0, 1, 2" or "0-4" as seeds; null for anything else. */
export function seedsOf(text: string): number[] | null {
  const seeds: number[] = [];
  for (const part of text.split(/[\s,;]+/).filter((piece) => piece !== '')) {
    const [, from = '', to = from] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(part) ?? [];
    if (from === '' || Number(to) < Number(from) || Number(to) - Number(from) > 1000) return null;
    for (let seed = Number(from); seed <= Number(to); seed++) seeds.push(seed);
  }
  return seeds.length > 0 ? [...new Set(seeds)] : null;
}

/** JSON of an object, or nothing; null for what is neither. */
export function objectOf(text: string): Record<string, unknown> | undefined | null {
  if (text.trim() === '') return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** What stands on numbers that are not of the paper's size. */
export const scaleWord = (scale: number): string | null =>
  scale === 1 ? null : `At ${Number((100 * scale).toPrecision(3))}% of the paper's images and epochs`;

/** Which networks the paper's numbers beside the rows are of, where they are all of one. */
export function publishedWord(rows: readonly { published: unknown }[]): string | null {
  const networks = rows.flatMap(({ published }) => {
    const { architecture, dataset } = (published ?? {}) as { architecture?: string; dataset?: string };
    return architecture && dataset ? [`${architectureWord(architecture)} on ${datasetWord(dataset)}`] : [];
  });
  const [first, ...others] = [...new Set(networks)];
  return first && others.length === 0 ? `The paper's numbers are of ${first}.` : null;
}
