/** The paper's number for a cell of a study: accuracies as fractions, of the network and data that the paper used. */
import { canonicalName } from '../../../engine/index.ts';
import published from '../published-results.json' with { type: 'json' };
import type { PresetName, Settings } from './presets.ts';
import { valueAt } from './settings.ts';

export interface Accuracies {
  standard: number;
  ood: number;
  robust: number;
}

export interface PublishedCell {
  source: string;
  architecture: string;
  dataset: string;
  variant: string;
  /** Before RiFT. */
  base: Accuracies;
  rift: Accuracies;
}

const source = (table: number) => `Zhu et al., ICCV 2023, table ${table}`;

const rows = published.rows as PublishedCell[];
const isResNet18OnCifar10 = (row: PublishedCell) => row.architecture === 'RESNET18' && row.dataset === 'cifar10';
const resNet18 = rows.find((row) => isResNet18OnCifar10(row) && row.variant === 'PGD_AT') as PublishedCell;

const accuracies = (standard: number, ood: number, robust: number): Accuracies => ({ standard, ood, robust });

const table3: Record<string, Accuracies> = {
  ALL: accuracies(0.8356, 0.7548, 0.5266),
  LAST: accuracies(0.8335, 0.7516, 0.5275),
  ROBUST_CRITICAL: accuracies(0.8336, 0.7542, 0.5248),
  NON_ROBUST_CRITICAL: accuracies(0.8344, 0.7569, 0.5365),
};
const table4: Record<string, Accuracies> = {
  1: accuracies(0.8344, 0.7569, 0.5365),
  2: accuracies(0.8341, 0.7561, 0.5247),
  3: accuracies(0.8359, 0.7577, 0.5222),
  5: accuracies(0.837, 0.7582, 0.5235),
};

const ofTable = (table: number, rift: Accuracies | undefined): PublishedCell | null =>
  rift ? { ...resNet18, source: source(table), rift } : null;

function ofNetwork(settings: Settings): PublishedCell | null {
  const training = valueAt(settings, 'model.training') as Partial<PublishedCell> | undefined;
  const dataset = canonicalName(String(training?.dataset)).replace(/200$/, '');
  return (
    rows.find(
      (row) => row.architecture === training?.architecture && row.dataset === dataset && row.variant === (training.variant ?? 'PGD_AT'),
    ) ?? null
  );
}

/** What the paper's figure of criticality says of single modules. */
export const publishedMrc = [
  { module: 'layer2.1.conv2', mrc: 0.09, robustAccuracyDrop: 0.0286 },
  { module: 'layer4.1.conv1', mrc: 12.94, robustAccuracyDrop: 0.5303 },
];

const byPreset: Record<PresetName, (settings: Settings) => object | null> = {
  TABLE_1: ofNetwork,
  TABLE_2: ofNetwork,
  TABLE_3: (settings) => ofTable(3, table3[String(valueAt(settings, 'fineTune.select'))]),
  TABLE_4: (settings) => ofTable(4, table4[String(valueAt(settings, 'fineTune.k'))]),
  FIGURE_MRC: () => ({ ...resNet18, modules: publishedMrc }),
  FIGURE_ALPHA: () => resNet18,
};

/** settings: of the cell, with what its study has in common. Null where the paper has no such number. */
export const publishedOf = (preset: PresetName | null, settings: Settings): object | null =>
  preset === null ? null : byPreset[preset](settings);
