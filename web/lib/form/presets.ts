/** Ready-made settings of a form. What they leave empty has the API's own default. */
import type { Dataset } from '../../queries/lab.ts';
import type { Values } from './values.ts';

export interface Preset {
  /** As an address names it. */
  name: string;
  title: string;
  /** What it is, in a sentence or two. */
  about: string;
}

export const presets: readonly Preset[] = [
  {
    name: 'quick',
    title: 'Quick try',
    about:
      'A small network on a few handwritten digits, choices made on held-out images: minutes, to see every step. The numbers are worth little.',
  },
  {
    name: 'held-out',
    title: 'Held-out',
    about:
      "The paper's network, data and schedule. Module, epoch and alpha are chosen on held-out images and the test split is reported once; batch-norm statistics stay, and an image is robust only if every step of the attack fails.",
  },
  {
    name: 'paper',
    title: 'Paper',
    about:
      "The paper's settings with its code's choices: module, epoch and alpha are chosen on test images, batch-norm statistics move while fine-tuning, and only the attack's last step counts. For comparison with published numbers.",
  },
];

/** Kinds of runs that train a network and so have a size to choose. */
export const hasPresets = (kind: string): boolean => kind === 'RIFT' || kind === 'TRAINING';

const preferred = ['cifar10', 'mnist'];

/** The paper's data where it is ready, or else what is. */
export function readyDataset(datasets: readonly Dataset[]): string | undefined {
  const ready = datasets.filter(({ state }) => state === 'READY').map(({ name }) => name);
  return preferred.find((name) => ready.includes(name)) ?? ready[0];
}

const under = (prefix: string, settings: Values): Values =>
  Object.fromEntries(Object.entries(settings).map(([name, value]) => [`${prefix}.${name}`, value]));

/** Handwritten digits, which are always there. */
const quickTraining: Values = {
  architecture: 'SMALL_CNN',
  dataset: 'mnist',
  trainImages: '3000',
  epochs: '4',
  batchSize: '64',
  learningRate: '0.02',
  milestones: '3',
  'attack.epsilon': '0.2',
  'attack.stepSize': '0.05',
  'attack.steps': '5',
};

/** The values of a preset; dataset: what the paper's network is trained on. */
export function valuesOfPreset(name: string, dataset: string | undefined): Values {
  const training = name === 'quick' ? quickTraining : { architecture: 'RESNET18', dataset };
  const networks = { ...under('training', training), ...under('model.training', training) };
  if (name === 'quick') {
    return {
      ...networks,
      'criticality.images': '500',
      'fineTune.epochs': '5',
      'fineTune.learningRate': '0.01',
      'fineTune.batchSize': '64',
      'interpolation.tolerance': '0.01',
      'evaluation.images': '500',
    };
  }
  if (name === 'paper') {
    return { ...networks, protocol: 'PAPER', 'fineTune.batchNorm': 'UPDATE', 'evaluation.rule': 'LAST_STEP' };
  }
  return networks;
}

/** Not a preset's: what the run is called, and where it goes. */
const kept = ['project', 'name', 'tags', 'seed', 'device', 'model?', 'model.checkpoint'];

/** The form's values under another preset. */
export function withPreset(values: Values, name: string, dataset: string | undefined): Values {
  const own = Object.fromEntries(kept.map((path) => [path, values[path]]));
  return { ...own, ...valuesOfPreset(name, dataset) };
}

const isSet = (value: unknown) => value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0);

/** The preset whose settings these are, all of them and no others; null for a form of one's own. */
export function presetOf(values: Values, dataset: string | undefined): string | null {
  const settings = (all: Values) =>
    JSON.stringify(
      Object.entries(all)
        .filter(([path, value]) => !kept.includes(path) && isSet(value))
        .sort(([a], [b]) => a.localeCompare(b)),
    );
  const own = settings(values);
  return presets.find(({ name }) => settings(valuesOfPreset(name, dataset)) === own)?.name ?? null;
}
