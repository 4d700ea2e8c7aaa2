/** What RobustBench keeps of a network, for one of this lab: its model_info file, with null where nothing was measured. */
import { findDataset } from '../../engine/index.ts';
import { accuracyOf } from './evaluations.ts';
import type { CheckpointRecord, EvaluationRecord } from './records.ts';
import { robustBenchNames } from './robustbench-names.ts';

/** The fields of RobustBench's files, in their order; percentages are text with two digits. */
export interface RobustBenchEntry {
  link: null;
  name: string;
  authors: null;
  additional_data: null;
  number_forward_passes: 1;
  dataset: string | null;
  venue: 'Unpublished';
  architecture: string;
  eps: string | null;
  clean_acc: string | null;
  reported: null;
  autoattack_acc: string | null;
  footnote?: string;
  unreliable: boolean;
}

function architectureName({ architecture, architectureOptions }: CheckpointRecord): string {
  const { depth, widenFactor } = architectureOptions as { depth?: number; widenFactor?: number };
  if (architecture === 'WIDE_RESNET') return `WideResNet-${depth}-${widenFactor}`;
  if (architecture === 'RESNET_CIFAR') return `ResNet-${depth}`;
  return robustBenchNames[architecture] ?? architecture;
}

/** 8/255 rather than 0.0313725. */
function epsilonText(epsilon: number): string {
  const levels = epsilon * 255;
  return Math.abs(levels - Math.round(levels)) < 1e-6 ? `${Math.round(levels)}/255` : String(epsilon);
}

const percent = (evaluation: EvaluationRecord | undefined) => (evaluation ? (100 * accuracyOf(evaluation)).toFixed(2) : null);

/**
 * The entry of a checkpoint by its newest numbers on the test split of its own dataset: clean, and under the standard version of
 * AutoAttack. A footnote says where these were not all test images, or chose the weights.
 */
export function robustBenchEntry(checkpoint: CheckpointRecord, evaluations: readonly EvaluationRecord[]): RobustBenchEntry {
  const own = evaluations.filter(({ dataset, split }) => dataset === checkpoint.dataset && split === 'test');
  const attackOf = ({ attack }: EvaluationRecord) => attack as { name?: string; epsilon?: number } | null;
  const attacked = own.findLast((one) => one.suite === 'ADVERSARIAL' && attackOf(one)?.name === 'AUTO_ATTACK');
  const clean = own.findLast((one) => one.suite === 'STANDARD' && (!attacked || one.images === attacked.images));
  const epsilon = attacked && attackOf(attacked)?.epsilon;
  const footnotes = [
    ...notWhole(checkpoint, [clean, attacked]),
    ...(checkpoint.chosenOn.includes('test') ? ['The weights were chosen on test images.'] : []),
  ];
  return {
    link: null,
    name: checkpoint.name,
    authors: null,
    additional_data: null,
    number_forward_passes: 1,
    dataset: checkpoint.dataset,
    venue: 'Unpublished',
    architecture: architectureName(checkpoint),
    eps: epsilon === undefined ? null : epsilonText(epsilon),
    clean_acc: percent(clean),
    reported: null,
    autoattack_acc: percent(attacked),
    ...(footnotes.length > 0 && { footnote: footnotes.join(' ') }),
    unreliable: [clean, attacked].some((one) => one?.trust === 'SUSPECT'),
  };
}

function notWhole({ dataset }: CheckpointRecord, measured: (EvaluationRecord | undefined)[]): string[] {
  const images = measured.find((one) => one !== undefined)?.images;
  if (dataset === null || images === undefined) return [];
  const all = wholeTest(dataset);
  return all === undefined || images >= all ? [] : [`Measured on ${images} of ${all} test images.`];
}

function wholeTest(dataset: string): number | undefined {
  try {
    return findDataset(dataset).images.test;
  } catch {
    return undefined;
  }
}
