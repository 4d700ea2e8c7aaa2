/** The paper's tables and figures as grids of RiFT runs. */
export type Settings = { [name: string]: unknown };
/** Field path of StartRiftInput to its values. */
export type Grid = Record<string, readonly unknown[]>;

export interface Preset {
  /** What it is, for people. */
  title: string;
  base: Settings;
  grid: Grid;
}

/** As the paper's code chooses and counts. */
const paper = {
  protocol: 'PAPER',
  model: { training: { architecture: 'RESNET18', variant: 'PGD_AT', dataset: 'cifar10' } },
  fineTune: { batchNorm: 'UPDATE' },
  evaluation: { suites: ['STANDARD', 'ADVERSARIAL', 'OOD'], attack: { restarts: 3 }, rule: 'LAST_STEP' },
};

/**
 * Severities of the corruptions by dataset, where they are not all five: of Tiny-ImageNet-C the paper names none, and its code, which
 * its numbers come from, measures the first alone.
 */
export const paperSeverities: Readonly<Record<string, readonly number[]>> = { tinyimagenet: [1] };

const architecture = 'model.training.architecture';
const dataset = 'model.training.dataset';
const variant = 'model.training.variant';

export const presets = {
  TABLE_1: {
    title: 'Table 1: RiFT after PGD-AT, by network and data',
    base: paper,
    grid: { [architecture]: ['RESNET18', 'RESNET34', 'WRN34_10'], [dataset]: ['cifar10', 'cifar100', 'tinyimagenet'] },
  },
  TABLE_2: {
    title: 'Table 2: RiFT after other adversarial trainings of ResNet18',
    base: paper,
    grid: { [variant]: ['TRADES', 'MART', 'AWP', 'SCORE'], [dataset]: ['cifar10', 'cifar100'] },
  },
  TABLE_3: {
    title: 'Table 3: which part is fine-tuned, ResNet18 on CIFAR-10',
    base: paper,
    grid: { 'fineTune.select': ['ALL', 'LAST', 'ROBUST_CRITICAL', 'NON_ROBUST_CRITICAL'] },
  },
  TABLE_4: {
    title: 'Table 4: how many modules are fine-tuned, ResNet18 on CIFAR-10',
    base: { ...paper, fineTune: { ...paper.fineTune, select: 'TOP_K' } },
    grid: { 'fineTune.k': [1, 2, 3, 5] },
  },
  FIGURE_MRC: { title: 'Module robust criticality of ResNet18 on CIFAR-10', base: paper, grid: {} },
  FIGURE_ALPHA: {
    title: 'Accuracies along the interpolation, ResNet18 on CIFAR-10',
    base: { ...paper, interpolation: { alphas: Array.from({ length: 21 }, (_, index) => index / 20) } },
    grid: {},
  },
} as const satisfies Record<string, Preset>;

export type PresetName = keyof typeof presets;
export const presetNames = Object.keys(presets) as [PresetName, ...PresetName[]];
