/** startTraining: one network, trained from scratch. */
import { aboutOf } from '../networks.ts';
import { permit } from '../permission.ts';
import type { RunRecord } from '../records.ts';
import type { Session } from '../session.ts';
import { checkMeasure, checkRead, checkSelection, checkTraining } from './checks.ts';
import { globalIds } from './global-ids.ts';
import { type Launch, launch } from './launch.ts';
import { trainingRequest } from './requests.ts';
import { settle } from './settle.ts';

export async function startTraining(session: Session, input: unknown): Promise<RunRecord> {
  permit(session, 'MEMBER');
  return launch(session, await planTraining(session, input));
}

/** Checks everything that can be checked without data. */
export async function planTraining(session: Session, input: unknown): Promise<Launch> {
  const request = settle(trainingRequest, input);
  const { training, evaluation, protocol, project, name, seed, tags, device } = request;
  const dataset = await checkTraining(session, training, ['input', 'training']);
  checkSelection({ dataset, protocol, trainedHere: true }, ['input', 'training', 'dataset']);
  checkMeasure(evaluation, { dataset, protocol, trainedHere: true }, ['input', 'evaluation']);
  checkRead(evaluation, { attack: true }, ['input', 'evaluation']);
  const config = { ...request, training: { ...training, dataset: dataset.name } };
  const about = aboutOf(training, dataset);
  const stages = evaluation ? (['TRAINING', 'EVALUATION'] as const) : (['TRAINING'] as const);
  return {
    kind: 'TRAINING',
    mutation: 'startTraining',
    config: globalIds(config),
    inputs: [],
    ...{ stages, about, project, name, seed, tags, device },
  };
}
