/** What a finished stage leaves behind: checkpoints and key results. */
import { suites } from '../../engine/config.ts';
import { EngineError } from '../../engine/errors.ts';
import { checkOptions, meanAccuracy, metricOf, ofSuite, suiteMetrics } from '../../engine/index.ts';
import type { MetricPoint, SweepPoint } from '../../engine/recorder.ts';
import type { Provenance } from '../../engine/stages.ts';
import type { Artifacts } from '../store/artifacts.ts';
import { type KeptWeights, keepWeights, openCheckpoint, recordCheckpoint } from '../store/checkpoints.ts';
import type { Transaction } from '../store/database.ts';
import { formOf } from '../store/network-form.ts';
import { type RecordedEvaluation, recordedEvaluations, recordMetrics, type SweepAbout } from '../store/recording.ts';
import { linkOutput, readRunInputs } from '../store/run-inputs.ts';
import type { StageOutcome, StageWork } from './job.ts';
import { findBase, findFinal, findMerged, findTuned, type PreparedStage } from './prepare.ts';

/** Keeps the bytes of new weights; before the transaction, because it takes a while. */
export async function keepOutcome(
  transaction: Transaction,
  artifacts: Artifacts,
  { work }: PreparedStage,
  outcome: StageOutcome,
): Promise<KeptWeights | undefined> {
  if (!('weightsFile' in outcome)) return undefined;
  const base = baseOf(work);
  return keepWeights(artifacts, outcome.weightsFile, base === undefined ? undefined : await openCheckpoint(transaction, artifacts, base));
}

function baseOf(work: StageWork): number | undefined {
  if (work.name === 'FINE_TUNE') return work.model.checkpoint;
  return work.name === 'INTERPOLATION' ? work.base.checkpoint : undefined;
}

const labels = { TRAINING: 'trained', FINE_TUNE: 'fine-tuned', INTERPOLATION: 'selected' } as const;

/** Records checkpoint and results in the transaction that ends the stage. */
export async function recordOutcome(
  transaction: Transaction,
  prepared: PreparedStage,
  outcome: StageOutcome,
  kept: KeptWeights | undefined,
): Promise<void> {
  const { inputs, experiment } = prepared;
  const { training, dataset } = experiment;
  if (kept && 'weightsFile' in outcome) {
    const label = labels[outcome.name];
    const base = findBase(inputs);
    const checkpoint = await recordCheckpoint(transaction, kept, {
      name: `${inputs.name} ${label}`,
      ...networkOf(prepared, outcome),
      dataset,
      variant: training?.variant ?? base?.variant ?? null,
      trainedHere: base ? base.trainedHere : true,
      ...ancestryOf(prepared, outcome.provenance),
      producedBy: inputs.id,
    });
    await linkOutput(transaction, inputs.id, checkpoint, label);
  }
  if (outcome.name === 'INTERPOLATION') await recordMetrics(transaction, inputs.id, sweepResults(outcome.selected));
  if (outcome.name === 'EVALUATION') await recordMetrics(transaction, inputs.id, await keyResults(transaction, inputs.id));
}

/** Which network new weights are of: the trained one, or that of the base, with what it normalises pixels with. */
function networkOf({ inputs, experiment: { training } }: PreparedStage, outcome: StageOutcome) {
  const base = findBase(inputs);
  if (base) return formOf(base);
  if (!training || outcome.name !== 'TRAINING')
    throw new EngineError(`Run-${inputs.id} has neither weights nor a training to start from.`, 'Start the run again.');
  const { architecture, architectureOptions = {} } = training;
  return {
    architecture,
    architectureOptions: checkOptions(architecture, architectureOptions),
    normalisation: outcome.normalisation,
  };
}

/** What chose and trained new weights, with all that chose and trained what they come from. */
function ancestryOf({ inputs, work }: PreparedStage, { chosenOn, trainedOn }: Provenance) {
  const parents = (
    work.name === 'INTERPOLATION' ? [findBase(inputs), ...findMerged(inputs), findTuned(inputs)] : [findBase(inputs)]
  ).filter((one) => one !== undefined);
  const all = (own: string | undefined, inherited: string[]) => [...new Set(own === undefined ? inherited : [...inherited, own])];
  return {
    chosenOn: all(
      chosenOn,
      parents.flatMap((parent) => parent.chosenOn),
    ),
    trainedOn: all(
      trainedOn,
      parents.flatMap((parent) => parent.trainedOn),
    ),
    trainImages: trainImagesOf(work) ?? parents.at(-1)?.trainImages ?? null,
  };
}

function trainImagesOf(work: StageWork): number | undefined {
  if (work.name === 'TRAINING') return work.training.trainImages;
  return work.name === 'FINE_TUNE' ? work.trainImages : undefined;
}

/** What tables sort runs by: accuracies of the final checkpoint on test, of the base, and the chosen alpha. */
async function keyResults(transaction: Transaction, run: number): Promise<MetricPoint[]> {
  const inputs = await readRunInputs(transaction, run);
  const evaluations = await recordedEvaluations(transaction, run);
  const base = findBase(inputs);
  const final = findFinal(inputs) ?? base;
  const results = (checkpoint: number | undefined, prefix: string) =>
    keyMetrics(evaluations.filter((evaluation) => evaluation.checkpoint === checkpoint && evaluation.split === 'test')).map(
      ({ key, value }) => ({ key: prefix + key, step: 0, value }),
    );
  return [...results(final?.id, ''), ...(inputs.kind === 'RIFT' ? results(base?.id, 'base.') : [])];
}

/** Every measurement under its name, and every suite of several under its own. Suspect numbers stand apart, so that no order takes them as better. */
function keyMetrics(evaluations: readonly RecordedEvaluation[]): { key: string; value: number }[] {
  const values = new Map<string, number>();
  const add = (name: string, of: readonly RecordedEvaluation[]) => {
    const value = meanAccuracy(of);
    const isSuspect = of.some(({ trust }) => trust === 'SUSPECT');
    if (value !== undefined) values.set(isSuspect ? `suspect.${name}` : name, value);
  };
  for (const evaluation of evaluations) add(metricOf(evaluation), [evaluation]);
  for (const suite of suites) add(suiteMetrics[suite], ofSuite(evaluations, suite));
  return [...values].map(([key, value]) => ({ key, value }));
}

const sweepResults = ({ alpha }: SweepPoint): MetricPoint[] => [{ key: 'alpha', step: 0, value: alpha }];

/** The checkpoints that a sweep lies between, known before its first point. */
export function sweepOf({ inputs, work }: PreparedStage): SweepAbout | undefined {
  if (work.name !== 'INTERPOLATION') return undefined;
  const changed = new Set([findTuned(inputs), ...findMerged(inputs)].flatMap((tuned) => tuned?.changedModules ?? []));
  return { baseId: work.base.checkpoint, tunedId: work.tuned.checkpoint, modules: [...changed] };
}
