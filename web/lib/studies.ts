/** What studies are made of, as words. */
import labels from '../queries/generated/labels.json' with { type: 'json' };
import { writtenNumber } from './form/numbers.ts';
import { enumWord, labelOf } from './form/words.ts';
import { architectureWord, datasetWord } from './words.ts';

export const studyPresets: Record<string, string> = {
  TABLE_1: 'Table 1: networks and data',
  TABLE_2: 'Table 2: other adversarial trainings',
  TABLE_3: 'Table 3: which part is fine-tuned',
  TABLE_4: 'Table 4: how many modules are fine-tuned',
  FIGURE_MRC: 'Figure: module robust criticality',
  FIGURE_ALPHA: 'Figure: the way back to robustness',
};

/** Names of the datasets that a preset's networks are trained on; none for a grid of one's own. */
export const paperDatasets = (preset: string): readonly string[] =>
  Object.hasOwn(labels.studyDatasets, preset) ? labels.studyDatasets[preset as keyof typeof labels.studyDatasets] : [];

export const presetWord = (name: string | null): string => (name === null ? 'A grid of its own' : (studyPresets[name] ?? name));

/** Input type of the fields of a part of startRift's input. */
const parts: Record<string, string> = {
  training: 'TrainingInput',
  criticality: 'CriticalityInput',
  fineTune: 'FineTuneInput',
  interpolation: 'InterpolationInput',
  evaluation: 'MeasureInput',
  attack: 'PgdInput',
};

/** Type of the choice that a field is. */
const choices: Record<string, string> = {
  architecture: 'Architecture',
  variant: 'Variant',
  schedule: 'Schedule',
  norm: 'WeightNorm',
  select: 'ModuleSelection',
  batchNorm: 'BatchNormMode',
  rule: 'RobustnessRule',
  protocol: 'SelectionProtocol',
};
const goals: Record<string, string> = { criticality: 'CriticalityGoal', interpolation: 'InterpolationGoal' };

/** Fields whose values say by themselves what they are of. */
const telling = ['model.training.architecture', 'model.training.dataset', 'model.training.variant', 'fineTune.select'];
/** Fields that no other part has. */
const single = ['fineTune.k', 'criticality.norm', 'fineTune.batchNorm', 'interpolation.tolerance', 'protocol', 'evaluation.rule'];

/** The field of a path with the parts that it lies in: "fineTune.epochs" → "Fine-tune, Epochs". */
function placeWord(path: string): string {
  const names = path.split('.').filter((name) => name !== 'model');
  const labels = names.map((name, index) => labelOf(parts[names[index - 1] ?? ''] ?? 'StartRiftInput', name));
  return labels.slice(single.includes(path) ? -1 : 0).join(', ');
}

function valueWord(path: string, value: unknown): string {
  const [part = '', name = ''] = path.split('.').slice(-2);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return writtenNumber(value);
  if (typeof value !== 'string') return JSON.stringify(value);
  if (name === 'dataset') return datasetWord(value);
  const type = name === 'until' ? goals[part] : choices[name || part];
  return type ? enumWord(type, value) : value;
}

/** A value of a grid, with its field where the value alone would not tell. */
export function cellWord(path: string, value: unknown): string {
  const word = valueWord(path, value);
  return telling.includes(path) && typeof value === 'string' ? word : `${placeWord(path)}: ${word}`;
}

export function cellWords(cell: unknown): string {
  const parts = Object.entries((cell ?? {}) as Record<string, unknown>).map(([path, value]) => cellWord(path, value));
  return parts.length === 0 ? 'All settings as given' : parts.join(' · ');
}

/** "0, 1, 2" or "0-4" as seeds; null for anything else. */
export function seedsOf(text: string): number[] | null {
  const seeds: number[] = [];
  for (const part of text.split(/[\s,;]+/).filter((piece) => piece !== '')) {
    const [, from = '', to = from] = /^(\d{1,10})(?:-(\d{1,10}))?$/.exec(part) ?? [];
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

/** A share in percent, without the digits that arithmetic adds. */
export const percentOf = (share: number): number => Number((100 * share).toPrecision(3));
export const shareWord = (share: number): string => `${percentOf(share)}%`;

/**
 * A scale at which what takes so long would take about the wanted time at the most: training grows with images and with epochs, so
 * with the square of the scale. It is rounded down to one digit of a percentage.
 */
export function smallerScale(scale: number, seconds: number, wanted: number): number {
  const exact = 100 * scale * Math.sqrt(Math.min(1, wanted / seconds));
  const digit = 10 ** Math.floor(Math.log10(exact));
  return Number(((Math.max(1, Math.floor(exact / digit)) * digit) / 100).toPrecision(1));
}

/** What stands on numbers that are not of the paper's size. */
export const scaleWord = (scale: number): string | null => (scale === 1 ? null : `At ${shareWord(scale)} of the paper's images and epochs`);

/** Settings that are named in a sentence; more are counted. */
const mostNamed = 4;

/** The field where its name alone says what it is: "architecture", "epochs of fine-tune". */
function givenWord(path: string): string {
  const [field = '', ...parts] = placeWord(path).split(', ').reverse();
  return [field, ...(telling.includes(path) ? [] : parts)].map((word) => word.charAt(0).toLowerCase() + word.slice(1)).join(' of ');
}

/** What stands on accuracies out of distribution that are not the mean over all severities. */
export function severitiesWord(severities: readonly number[]): string | null {
  if (severities.length === 0 || severities.length === 5) return null;
  return `Corruptions of severity ${severities.join(', ')} only`;
}

/** The settings that were given instead of a preset's, where there are any: its numbers are then no repetition of the paper's. */
export function ownSettingsWord(preset: string | null, base: unknown): string | null {
  const leaves = (value: unknown, path: string): string[] =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.entries(value).flatMap(([name, inner]) => leaves(inner, path ? `${path}.${name}` : name))
      : [path];
  const given = preset === null ? [] : leaves(base ?? {}, '').filter((path) => path !== '');
  if (given.length === 0) return null;
  const which = given.length > mostNamed ? `${given.length} settings, see below` : given.map(givenWord).join(', ');
  return `Given here, and not the paper's: ${which}.`;
}

/** Which networks the paper's numbers beside the rows are of, where they are all of one. */
export function publishedWord(rows: readonly { published: unknown }[]): string | null {
  const networks = rows.flatMap(({ published }) => {
    const { architecture, dataset } = (published ?? {}) as { architecture?: string; dataset?: string };
    return architecture && dataset ? [`${architectureWord(architecture)} on ${datasetWord(dataset)}`] : [];
  });
  const [first, ...others] = [...new Set(networks)];
  const words = [
    first && others.length === 0 ? `The paper's numbers are of ${first}.` : null,
    networks.some((network) => network.endsWith(datasetWord('tinyimagenet')))
      ? "On Tiny-ImageNet the paper's code measures corruptions of severity 1 only."
      : null,
  ].filter((word) => word !== null);
  return words.length > 0 ? words.join(' ') : null;
}
