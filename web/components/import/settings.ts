/** What a person says of a file's network; what is left empty is found out from the file. */
import { numberOf } from '../../lib/form/numbers.ts';
import type { Found, ImportInput } from '../../queries/import.ts';

export interface Settings {
  name: string;
  stateDict: string | null;
  architecture: string | null;
  /** JSON. */
  architectureOptions: string;
  dataset: string | null;
  variant: string | null;
  /** Name of a known one, or own; null for that of the file or the dataset. */
  normalisation: string | null;
  mean: string;
  sd: string;
}

export const untouched: Settings = {
  ...{ name: '', stateDict: null, architecture: null, architectureOptions: '', dataset: null, variant: null },
  ...{ normalisation: null, mean: '', sd: '' },
};

interface Known {
  name: string;
  label: string;
  /** Of each channel; one number stands for all. */
  mean: number[];
  sd: number[];
}

const known: Known[] = [
  { name: 'none', label: 'None: pixels stay in [0, 1]', mean: [0], sd: [1] },
  {
    name: 'cifar10',
    label: 'CIFAR-10: 0.4914 0.4822 0.4465 / 0.2471 0.2435 0.2616',
    mean: [0.4914, 0.4822, 0.4465],
    sd: [0.2471, 0.2435, 0.2616],
  },
  {
    name: 'cifar10-images',
    label: 'CIFAR-10, images’ mean deviation: … / 0.2023 0.1994 0.2010',
    mean: [0.4914, 0.4822, 0.4465],
    sd: [0.2023, 0.1994, 0.201],
  },
  { name: 'imagenet', label: 'ImageNet: 0.485 0.456 0.406 / 0.229 0.224 0.225', mean: [0.485, 0.456, 0.406], sd: [0.229, 0.224, 0.225] },
  { name: 'mnist', label: 'MNIST: 0.1307 / 0.3081', mean: [0.1307], sd: [0.3081] },
  { name: 'half', label: 'Half: 0.5 / 0.5, pixels in [-1, 1]', mean: [0.5], sd: [0.5] },
];

const fits = ({ mean }: Known, channels: number) => (mean.length === 1 ? true : mean.length === channels);

/** What can be chosen for images of so many channels. */
export const normalisations = (channels: number) => [
  ...known
    .filter((one) => fits(one, channels) && !(one.name === 'mnist' && channels > 1))
    .map(({ name, label }) => ({ value: name, label })),
  { value: 'own', label: 'Other numbers' },
];

export const normalisationWord = ({ mean, sd }: Found['normalisation']): string =>
  mean.every((value) => value === 0) && sd.every((value) => value === 1) ? 'none' : `${mean.join(' ')} / ${sd.join(' ')}`;

export const channelsOf = (found: Found | null): number => found?.normalisation.mean.length ?? 3;

export type Problems = Partial<Record<keyof Settings, string>>;

/** The request that the settings mean, and what cannot be sent as it stands. */
export function inputOf(upload: string, settings: Settings, channels: number): { input: ImportInput; problems: Problems } {
  const problems: Problems = {};
  const { name, stateDict, architecture, dataset, variant } = settings;
  const input = {
    upload,
    name: name.trim() || undefined,
    stateDict: stateDict ?? undefined,
    architecture: architecture ?? undefined,
    architectureOptions: architecture ? optionsOf(settings, problems) : undefined,
    dataset: dataset ?? undefined,
    variant: variant ?? undefined,
    normalisation: normalisationOf(settings, channels, problems),
  };
  return { input: input as ImportInput, problems };
}

function optionsOf({ architectureOptions }: Settings, problems: Problems): unknown {
  if (!architectureOptions.trim()) return undefined;
  try {
    return JSON.parse(architectureOptions);
  } catch (error) {
    problems.architectureOptions = `This is not JSON: ${(error as Error).message}.`;
    return undefined;
  }
}

function normalisationOf({ normalisation, mean, sd }: Settings, channels: number, problems: Problems) {
  if (normalisation === null) return undefined;
  const chosen = known.find(({ name }) => name === normalisation);
  if (chosen) return { mean: spread(chosen.mean, channels), sd: spread(chosen.sd, channels) };
  return { mean: numbersOf(mean, 'mean', problems), sd: numbersOf(sd, 'sd', problems) };
}

const spread = (values: number[], channels: number) => (values.length === 1 ? Array<number>(channels).fill(values[0] as number) : values);

function numbersOf(text: string, field: 'mean' | 'sd', problems: Problems): number[] {
  const numbers = text
    .split(/[\s,;]+/)
    .filter(Boolean)
    .map(numberOf);
  if (numbers.length === 0 || numbers.includes(null)) problems[field] = 'Numbers for each channel, as 0.485 0.456 0.406.';
  return numbers.filter((number) => number !== null);
}
