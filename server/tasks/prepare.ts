/** From a run's records to a job that the engine's process understands; weights are laid out as files. */
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Experiment, measureOf, readExperiment, type StageName, sectionOf } from '../../engine/config.ts';
import { EngineError } from '../../engine/errors.ts';
import type { Taken } from '../../engine/index.ts';
import { type Artifacts, DamageError } from '../store/artifacts.ts';
import { openCheckpoint } from '../store/checkpoints.ts';
import type { Transaction } from '../store/database.ts';
import { formOf } from '../store/network-form.ts';
import { recordedEvaluations, recordedPoints, recordedScores } from '../store/recording.ts';
import { isMerged, type LinkedCheckpoint, type RunInputs, readRunInputs } from '../store/run-inputs.ts';
import { sliceOutcomes } from '../store/slices.ts';
import { dropResumeState, readResumeState } from '../store/stages.ts';
import type { ModelFile, StageWork } from './job.ts';

export interface PreparedStage {
  inputs: RunInputs;
  experiment: Experiment;
  work: StageWork;
  /** For the log of the run. */
  warnings: string[];
}

/** Labels of the checkpoint that a run starts from, the one it was given before the one it trained. */
const baseLabels = ['base', 'trained'];
const tunedLabels = ['tuned', 'fine-tuned'];
const finalLabels = ['selected', 'fine-tuned'];

function findLabelled(inputs: RunInputs, labels: readonly string[]): LinkedCheckpoint | undefined {
  return labels.map((label) => inputs.checkpoints.find((checkpoint) => checkpoint.label === label)).find((found) => found);
}

/** Fine-tuned checkpoints that are merged with the one that findTuned finds. */
export const findMerged = (inputs: RunInputs) => inputs.checkpoints.filter(({ label }) => isMerged(label));
export const findBase = (inputs: RunInputs) => findLabelled(inputs, baseLabels);
export const findTuned = (inputs: RunInputs) => findLabelled(inputs, tunedLabels);
export const findFinal = (inputs: RunInputs) => findLabelled(inputs, finalLabels);

export async function prepareStage(
  transaction: Transaction,
  artifacts: Artifacts,
  run: number,
  stage: StageName,
  scratch: string,
): Promise<PreparedStage> {
  const inputs = await readRunInputs(transaction, run);
  const experiment = readExperiment(inputs.config);
  const { dataset, protocol } = experiment;
  const measure = measureOf(experiment);

  const modelOf = async (checkpoint: LinkedCheckpoint | undefined): Promise<ModelFile> => {
    if (!checkpoint) throw new EngineError(`Run-${run} has no weights for its stage ${stage}.`, 'Start the run again.');
    const weightsFile = join(scratch, `checkpoint-${checkpoint.id}.safetensors`);
    await writeCheckpoint(transaction, artifacts, checkpoint.id, weightsFile);
    const { id, trainedHere, variant } = checkpoint;
    return { checkpoint: id, ...formOf(checkpoint), dataset, variant, trainedHere, weightsFile };
  };
  const warnings: string[] = [];
  const resumeFile = async () => {
    const sha256 = await readResumeState(transaction, run, stage);
    if (!sha256) return undefined;
    return artifacts.locate(sha256).catch(async (error: Error) => {
      if (!(error instanceof DamageError)) throw error;
      await dropResumeState(transaction, run, stage);
      warnings.push(`What was kept of the stage ${stage} can't be used. ${error.message} The stage begins anew.`);
      return undefined;
    });
  };
  const base = () => modelOf(findBase(inputs));

  const workOf = async (): Promise<StageWork> => {
    switch (stage) {
      case 'TRAINING':
        return { name: stage, training: sectionOf(experiment, 'training'), measure, protocol, resumeFile: await resumeFile() };
      case 'CRITICALITY':
        return {
          name: stage,
          model: await base(),
          criticality: sectionOf(experiment, 'criticality'),
          least: experiment.fineTune?.k,
          protocol,
          done: await recordedScores(transaction, run),
        };
      case 'FINE_TUNE': {
        const fineTune = sectionOf(experiment, 'fineTune');
        return {
          name: stage,
          model: await base(),
          fineTune,
          scores: await recordedScores(transaction, run),
          protocol,
          measure,
          trainImages: fineTune.trainImages ?? findBase(inputs)?.trainImages ?? undefined,
          resumeFile: await resumeFile(),
        };
      }
      case 'INTERPOLATION':
        return {
          name: stage,
          base: await base(),
          tuned: await modelOf(findTuned(inputs)),
          merge: await Promise.all(findMerged(inputs).map(modelOf)),
          interpolation: sectionOf(experiment, 'interpolation'),
          measure,
          protocol,
          done: await recordedPoints(transaction, run),
        };
      case 'EVALUATION': {
        const models = [await base()];
        const final = findFinal(inputs);
        if (final && final.id !== models[0]?.checkpoint) models.push(await modelOf(final));
        const measured = await recordedEvaluations(transaction, run);
        const doneOf = ({ checkpoint }: ModelFile) => measured.filter((one) => one.checkpoint === checkpoint).map((one) => one.fingerprint);
        const slices = (await sliceOutcomes(transaction, run, stage)) as Taken[][] | undefined;
        const takenOf = (part: number) => slices && { taken: slices.map((parts) => parts[part] as Taken) };
        return { name: stage, measure, protocol, parts: models.map((model, part) => ({ model, done: doneOf(model), ...takenOf(part) })) };
      }
    }
  };
  return { inputs, experiment, work: await workOf(), warnings };
}

async function writeCheckpoint(transaction: Transaction, artifacts: Artifacts, id: number, path: string): Promise<void> {
  const checkpoint = await openCheckpoint(transaction, artifacts, id);
  if (!checkpoint) throw new EngineError(`Checkpoint-${id} is gone.`, 'Start the run again from another checkpoint.');
  await pipeline(checkpoint.read(), createWriteStream(path));
}
