/** A stage job becomes a call of the engine; new weights are left as files in the scratch folder. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  aboutTraining,
  type CheckpointAbout,
  findDataset,
  type InterpolationRequest,
  type Model,
  measureCriticality,
  measureInterpolation,
  measurePoints,
  normalisationOf,
  readWeights,
  runEvaluation,
  runFineTune,
  runTraining,
  type Slice,
  type StageContext,
  type Taken,
  takeEvaluation,
  trainingOfFile,
  type Weights,
  writeCheckpoint,
} from '../../engine/index.ts';
import type { IpcRecorder } from './ipc-recorder.ts';
import type { ModelFile, StageJob, StageOutcome, StageWork } from './job.ts';

type Context = StageContext & { recorder: IpcRecorder };

export async function runStage({ scratch, work, slice }: StageJob, context: Context): Promise<StageOutcome> {
  if (slice) return { name: 'SLICE', ...(await runSlice(work, slice, context)) };
  switch (work.name) {
    case 'TRAINING': {
      const { name, resumeFile, ...request } = work;
      const { weights, provenance } = await runTraining(context, { ...request, resumeState: await readState(resumeFile) });
      const normalisation = normalisationOf(work.training, findDataset(work.training.dataset));
      return { name, weightsFile: await save(scratch, aboutTraining(work.training), weights), provenance, normalisation };
    }
    case 'CRITICALITY': {
      const { name, model, ...request } = work;
      await measureCriticality(context, { ...request, model: await load(model) });
      return { name };
    }
    case 'FINE_TUNE': {
      const { name, model, resumeFile, ...request } = work;
      const loaded = await load(model);
      const tuned = await runFineTune(context, { ...request, model: loaded, resumeState: await readState(resumeFile) });
      return { name, weightsFile: await save(scratch, aboutOf(model, loaded), tuned.weights), provenance: tuned.provenance };
    }
    case 'INTERPOLATION': {
      const { name, base } = work;
      const loaded = await load(base);
      const found = await measureInterpolation(context, { ...work, base: loaded, ...(await loadTuned(work)) });
      return {
        name,
        weightsFile: await save(scratch, aboutOf(base, loaded), found.weights),
        selected: found.selected,
        provenance: found.provenance,
      };
    }
    case 'EVALUATION': {
      const { name, parts, ...request } = work;
      let base: Weights | undefined;
      for (const [part, { model: file, ...recorded }] of parts.entries()) {
        context.recorder.position = { part, parts: parts.length, checkpoint: file.checkpoint };
        const model = await load(file);
        await runEvaluation(context, { ...request, ...recorded, model, base });
        base ??= model.weights;
      }
      return { name };
    }
  }
}

/** A slice only records, but for an evaluation's. */
async function runSlice(work: StageWork, slice: Slice, context: Context): Promise<{ taken?: Taken[] }> {
  switch (work.name) {
    case 'CRITICALITY':
      await measureCriticality(context, { ...work, model: await load(work.model), slice });
      return {};
    case 'INTERPOLATION':
      await measurePoints(context, { ...work, base: await load(work.base), ...(await loadTuned(work)), slice });
      return {};
    case 'EVALUATION': {
      const { name: _, parts, ...request } = work;
      const taken: Taken[] = [];
      for (const [part, { model, done }] of parts.entries()) {
        context.recorder.position = { part, parts: parts.length, checkpoint: model.checkpoint };
        taken.push(await takeEvaluation(context, { ...request, model: await load(model), done, slice }));
      }
      return { taken };
    }
    default:
      throw new Error(`The stage ${work.name} has no slices.`);
  }
}

type Loaded = Model & Pick<CheckpointAbout, 'training'>;

async function load({ weightsFile, checkpoint: _, variant: __, ...model }: ModelFile): Promise<Loaded> {
  const bytes = await readBytes(weightsFile);
  return { ...model, weights: readWeights(bytes), training: trainingOfFile(bytes) };
}

async function loadTuned({
  tuned,
  merge,
}: Extract<StageWork, { name: 'INTERPOLATION' }>): Promise<Required<Pick<InterpolationRequest, 'tuned' | 'merge'>>> {
  const all = await Promise.all([tuned, ...merge].map(async (file) => (await load(file)).weights));
  return { tuned: all[0] as Weights, merge: all.slice(1) };
}

/** What is said of a model's file is said of those that come from it: they are kept as their differences. */
const aboutOf = (model: ModelFile, { training }: Loaded): CheckpointAbout => ({ ...model, training });

async function save(scratch: string, about: CheckpointAbout, weights: Weights): Promise<string> {
  const path = join(scratch, 'outcome.safetensors');
  await writeFile(path, writeCheckpoint(about, weights));
  return path;
}

async function readState(path: string | undefined): Promise<Uint8Array | undefined> {
  return path === undefined ? undefined : readBytes(path);
}

/** Plain bytes: a Buffer's slice is a view where a Uint8Array's is a copy. */
async function readBytes(path: string): Promise<Uint8Array> {
  const { buffer, byteOffset, byteLength } = await readFile(path);
  return new Uint8Array(buffer, byteOffset, byteLength);
}
