/** startRift: the whole method, from an adversarially trained network to the interpolated one. */
import type { StageName } from '../../../engine/config.ts';
import { canonicalName } from '../../../engine/index.ts';
import { BadInputError } from '../../errors.ts';
import { aboutOf, type Dataset, expectedModules, modulesOfCheckpoint } from '../networks.ts';
import { permit } from '../permission.ts';
import type { CheckpointRecord, RunRecord } from '../records.ts';
import type { Session } from '../session.ts';
import {
  checkCheckpoint,
  checkCriticality,
  checkFineTune,
  checkGoal,
  checkMeasure,
  checkRead,
  checkSelection,
  checkTraining,
} from './checks.ts';
import { globalIds } from './global-ids.ts';
import { type Launch, launch } from './launch.ts';
import { riftRequest } from './requests.ts';
import { settle } from './settle.ts';

const steps: readonly StageName[] = ['CRITICALITY', 'FINE_TUNE', 'INTERPOLATION', 'EVALUATION'];

interface Start {
  about: Launch['about'];
  inputs: Launch['inputs'];
  stages: readonly StageName[];
  modules: readonly { name: string }[];
  dataset: Dataset;
  trainedHere: boolean;
  base?: CheckpointRecord;
}

export async function startRift(session: Session, input: unknown): Promise<RunRecord> {
  permit(session, 'MEMBER');
  return launch(session, await planRift(session, input));
}

/** Checks everything that can be checked without data. */
export async function planRift(session: Session, input: unknown): Promise<Launch> {
  const request = settle(riftRequest, input);
  const { model, criticality, fineTune, evaluation, project, name, seed, tags, device } = request;
  if ((model.checkpoint === undefined) === (model.training === undefined)) {
    throw new BadInputError('A model is exactly one of checkpoint and training.', ['input', 'model']);
  }
  const start = model.training ? await fromTraining(session, request) : await fromCheckpoint(session, request);
  const on = { dataset: start.dataset, protocol: request.protocol, trainedHere: start.trainedHere };
  checkSelection(on, model.training ? ['input', 'model', 'training', 'dataset'] : ['input', 'dataset']);
  const scored = criticality.modules?.length ?? start.modules.length;
  checkCriticality(criticality, start.modules, on, ['input', 'criticality']);
  checkGoal(criticality, fineTune, ['input', 'criticality']);
  checkFineTune(fineTune, { existing: start.modules, scored }, on, ['input', 'fineTune']);
  checkMeasure(evaluation, on, ['input', 'evaluation']);
  checkRead(evaluation, { attack: true, ood: request.interpolation.ood }, ['input', 'evaluation']);
  const { about, inputs, stages, base } = start;
  const training = model.training ? { ...model.training, dataset: about.dataset } : undefined;
  const config = { ...request, dataset: about.dataset, model: training ? { training } : model };
  return {
    kind: 'RIFT',
    mutation: 'startRift',
    config: globalIds(config),
    ...{ about, inputs, stages, base, project, name, seed, tags, device },
  };
}

type Request = ReturnType<typeof riftRequest.parse>;

async function fromTraining(session: Session, { model, dataset: named }: Request): Promise<Start> {
  const training = model.training as NonNullable<typeof model.training>;
  const dataset: Dataset = await checkTraining(session, training, ['input', 'model', 'training']);
  if (named && canonicalName(named) !== dataset.name) {
    throw new BadInputError(`The network is trained on ${dataset.name}, so RiFT works on that too (got ${named}).`, ['input', 'dataset']);
  }
  return {
    about: aboutOf(training, dataset),
    inputs: [],
    stages: ['TRAINING', ...steps],
    modules: expectedModules(training, dataset, ['input', 'model', 'training']),
    ...{ dataset, trainedHere: true },
  };
}

async function fromCheckpoint(session: Session, { model, dataset: named }: Request): Promise<Start> {
  const { checkpoint, dataset } = await checkCheckpoint(session, model.checkpoint, named, ['input', 'model', 'checkpoint']);
  return {
    about: aboutOf(checkpoint, dataset),
    inputs: [{ checkpointId: checkpoint.id, label: 'base' }],
    stages: steps,
    modules: modulesOfCheckpoint(checkpoint),
    ...{ dataset, trainedHere: checkpoint.trainedHere },
    base: checkpoint,
  };
}
