/** Which corruptions an accuracy on corrupted images is the mean of. */
import type { CorruptionName } from './constants.ts';

/** Those of the benchmark and of the paper. */
export const fifteen = [
  'gaussian_noise',
  'shot_noise',
  'impulse_noise',
  'defocus_blur',
  'glass_blur',
  'motion_blur',
  'zoom_blur',
  'snow',
  'frost',
  'fog',
  'brightness',
  'contrast',
  'elastic_transform',
  'pixelate',
  'jpeg_compression',
] as const satisfies readonly CorruptionName[];

/** Those that the benchmark has for choosing settings. */
const extra = ['speckle_noise', 'gaussian_blur', 'spatter', 'saturate'] as const satisfies readonly CorruptionName[];

/** Lists by their names, which may stand for them where corruptions are named. */
export const corruptionLists: Readonly<Record<string, readonly CorruptionName[]>> = {
  fifteen,
  /** What the paper's official code averages over. */
  official_code: [...fifteen, ...extra].filter((name) => name !== 'glass_blur'),
};

export const severities = [1, 2, 3, 4, 5] as const;

/** One corruption of one strength. severity: from 1 to 5. */
export interface CorruptionCell {
  corruption: CorruptionName;
  severity: number;
}

/** Every corruption at every severity; lists stand for what they hold. Names are known ones. */
export function cellsOf(chosen: { corruptions?: readonly string[]; severities?: readonly number[] }): CorruptionCell[] {
  const { corruptions = ['fifteen'], severities: strengths = severities } = chosen;
  const all = new Set(corruptions.flatMap((name) => corruptionLists[name] ?? [name as CorruptionName]));
  return [...all].flatMap((corruption) => strengths.map((severity) => ({ corruption, severity })));
}

/** The name of the list that cells are, or their number: `fifteen at 5 severities`, `2 corruptions at severity 1`. */
export function corruptionListOf(cells: { corruptions: readonly (string | null)[]; severities: readonly (number | null)[] }): string {
  const names = new Set(cells.corruptions);
  const strengths = new Set(cells.severities);
  const isList = (list: readonly string[]) => list.length === names.size && list.every((name) => names.has(name));
  const list = Object.keys(corruptionLists).find((name) => isList(corruptionLists[name] ?? []));
  const what = list ?? `${names.size} ${names.size === 1 ? 'corruption' : 'corruptions'}`;
  const which = strengths.size === severities.length ? `${strengths.size} severities` : `severity ${[...strengths].sort().join(', ')}`;
  return `${what} at ${which}`;
}
