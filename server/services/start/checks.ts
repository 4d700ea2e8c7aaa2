/** Checks of a start mutation that need no image: everything that can be wrong is found before the run is queued. */
import { isDeepStrictEqual } from 'node:util';
import {
  type CriticalityConfig,
  type FineTuneConfig,
  type MeasureConfig,
  measureConfig,
  moreAttacks,
  type PgdConfig,
  type SelectionProtocol,
  type Split,
  type TrainingConfig,
} from '../../../engine/config.ts';
import { leastClasses, selectionSplit, splitPositions } from '../../../engine/index.ts';
import { BadInputError, ConflictError } from '../../errors.ts';
import { needCheckpoint } from '../checkpoints.ts';
import type { Path } from '../input.ts';
import { type Dataset, expectedModules, matchModules, matchShapes, needDataset } from '../networks.ts';
import type { CheckpointRecord } from '../records.ts';
import type { Session } from '../session.ts';

export async function checkTraining(session: Session, training: TrainingConfig, path: Path): Promise<Dataset> {
  const wrong = training.milestones.findIndex((epoch, index, all) => index > 0 && epoch <= (all[index - 1] as number));
  if (wrong > 0) throw new BadInputError('Milestones are epochs in increasing order.', [...path, 'milestones', wrong]);
  const dataset = await needDataset(session, training.dataset, [...path, 'dataset']);
  checkImages(training.trainImages, { dataset, split: 'train', protocol: 'HOLD_OUT', trainedHere: true }, [...path, 'trainImages']);
  checkSingleRun(training.attack, [...path, 'attack']);
  expectedModules(training, dataset, path);
  return dataset;
}

/** Training examples and the examples of criticality are one run of their attack. */
function checkSingleRun({ restarts }: PgdConfig, path: Path): void {
  if (restarts > 1) throw new BadInputError(`One run of this attack is taken; ${restarts} would be ignored.`, [...path, 'restarts']);
}

interface SplitChoice {
  dataset: Dataset;
  split: Split;
  protocol: SelectionProtocol;
  trainedHere: boolean;
}

const imagesOf: Record<string, string> = {
  train: 'training images',
  'train and holdout': 'training images',
  holdout: 'held-out images',
  test: 'test images',
};

/** Throws BadInputError where more images are asked for than the split has, or where it has none. */
function checkImages(images: number | undefined, { dataset, ...choice }: SplitChoice, path: Path): void {
  const { positions, name } = splitPositions(dataset, choice);
  const what = imagesOf[name] ?? `images in the ${name}`;
  if (positions.length === 0) throw new BadInputError(`${dataset.name} is too small: it has no ${what}.`, path);
  if ((images ?? 0) > positions.length) throw new BadInputError(`${dataset.name} has ${positions.length} ${what} (got ${images}).`, path);
}

export interface Measuring {
  dataset: Dataset;
  protocol: SelectionProtocol;
  /** Whether the network's training leaves holdout out. */
  trainedHere: boolean;
}

/** Throws BadInputError for data without an image to choose epochs, modules or alpha on. */
export const checkSelection = (on: Measuring, path: Path): void =>
  checkImages(undefined, { ...on, split: selectionSplit(on.protocol) }, path);

/** Checks what is measured at the end, on test. Choices before that use as many images as their split has. */
export function checkMeasure(measure: MeasureConfig | undefined, on: Measuring, path: Path): void {
  checkImages(measure?.images, { ...on, split: 'test' }, [...path, 'images']);
  for (const [index, attack] of (measure ? moreAttacks(measure) : []).entries()) {
    const [needed, { classes, name }] = [leastClasses(attack), on.dataset];
    const place = index < (measure?.attacks?.length ?? 0) ? ['attacks', index] : ['autoAttack'];
    if (classes < needed)
      throw new BadInputError(`${attack.name} needs at least ${needed} classes; ${name} has ${classes}.`, [...path, ...place]);
  }
}

/** What of a measurement's settings a run reads besides its suites: points of a sweep are attacked, and corrupted where ood says so. */
interface Reading {
  attack?: boolean;
  ood?: boolean;
}

/** Throws BadInputError for settings that nothing of the run would read. Defaults pass: what is recorded starts the same run again. */
export function checkRead(measure: MeasureConfig | undefined, { attack = false, ood = false }: Reading, path: Path): void {
  if (!measure) return;
  const { suites } = measure;
  const refuse = (setting: string, suite: string) => {
    throw new BadInputError(`Nothing here measures ${suite}, so ${setting} would be ignored: add ${suite} to suites.`, [...path, setting]);
  };
  if (!suites.includes('OOD') && !ood) {
    if (measure.corruptions) refuse('corruptions', 'OOD');
    if (measure.severities) refuse('severities', 'OOD');
  }
  if (suites.includes('ADVERSARIAL') || attack) return;
  const usual = measureConfig.parse({});
  if (!isDeepStrictEqual(measure.attack, usual.attack)) refuse('attack', 'ADVERSARIAL');
  if (measure.rule !== usual.rule) refuse('rule', 'ADVERSARIAL');
}

/** Every point of a sweep is measured clean and under one attack. */
export function checkPoints({ suites, attacks, autoAttack }: MeasureConfig, path: Path): void {
  const missing = (['STANDARD', 'ADVERSARIAL'] as const).find((suite) => !suites.includes(suite));
  if (missing)
    throw new BadInputError(`Points of a sweep are measured in STANDARD and ADVERSARIAL; leave suites out.`, [...path, 'suites']);
  const more = attacks?.length ? 'attacks' : autoAttack ? 'autoAttack' : undefined;
  if (more)
    throw new BadInputError('Points of a sweep are measured under one attack; measure the selected weights with others.', [...path, more]);
}

export interface CheckedCheckpoint {
  checkpoint: CheckpointRecord;
  dataset: Dataset;
}

/** The checkpoint, and the dataset that it is used with: the one named, or its own. */
export async function checkCheckpoint(
  session: Session,
  id: number | null | undefined,
  datasetName: string | undefined,
  path: Path,
): Promise<CheckedCheckpoint> {
  const checkpoint = await needCheckpoint(session, id ?? null, path);
  const broken = await session.load.damage.load(checkpoint.id);
  if (broken) throw new ConflictError(`Checkpoint "${checkpoint.name}" cannot be used. ${broken.damage}`, path);
  const name = datasetName ?? checkpoint.dataset;
  const datasetPath = ['input', 'dataset'];
  if (!name) throw new BadInputError(`Checkpoint "${checkpoint.name}" does not say which dataset it is for: name it.`, datasetPath);
  const dataset = await needDataset(session, name, datasetPath);
  matchShapes(checkpoint, dataset, datasetName ? datasetPath : path);
  return { checkpoint, dataset };
}

type Named = readonly { name: string }[];

export function checkCriticality({ modules, images, attack }: CriticalityConfig, existing: Named, on: Measuring, path: Path): void {
  checkSingleRun(attack, [...path, 'attack']);
  matchModules(modules, existing, [...path, 'modules']);
  checkImages(images, { ...on, split: selectionSplit(on.protocol) }, [...path, 'images']);
}

/** scored: how many modules have a score to choose by. */
export function checkFineTune(
  { select, k, modules, trainImages, attack }: FineTuneConfig,
  { existing, scored }: { existing: Named; scored: number },
  on: Measuring,
  path: Path,
): void {
  if (attack) checkSingleRun(attack, [...path, 'attack']);
  matchModules(modules, existing, [...path, 'modules']);
  checkImages(trainImages, { ...on, split: 'train' }, [...path, 'trainImages']);
  if (select === 'TOP_K' && (k as number) > scored) {
    throw new BadInputError(`k is ${k}, but only ${scored} modules are scored.`, [...path, 'k']);
  }
}

/** A lower bound says nothing of the highest score. */
export function checkGoal({ until }: CriticalityConfig, { select }: FineTuneConfig, path: Path): void {
  if (until === 'LEAST' && select === 'ROBUST_CRITICAL')
    throw new BadInputError('ROBUST_CRITICAL needs the scores of all modules: LEAST knows only the lowest.', [...path, 'until']);
}
