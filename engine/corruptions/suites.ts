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

export const corruptionNames: readonly CorruptionName[] = [...fifteen, ...extra];

/** Lists by their names, which may stand for them where corruptions are named. */
export const corruptionLists: Readonly<Record<string, readonly CorruptionName[]>> = {
  fifteen,
  /** What the paper's official code averages over. */
  official_code: corruptionNames.filter((name) => name !== 'glass_blur'),
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
