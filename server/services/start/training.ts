/** startTraining: one network, trained from scratch. */
import type { z } from 'zod';
import { check } from '../input.ts';
import { permit } from '../permission.ts';
import type { RunRecord } from '../records.ts';
import type { Session } from '../session.ts';
import { checkMeasure, checkTraining, withAttackOf } from './checks.ts';
import { globalIds } from './global-ids.ts';
import { launch } from './launch.ts';
import { trainingRequest } from './requests.ts';

export async function startTraining(session: Session, input: unknown): Promise<RunRecord> {
  permit(session, 'MEMBER');
  const request: z.infer<typeof trainingRequest> = check(trainingRequest, withAttackOf(input), ['input']);
  const { training, evaluation, project, name, seed, tags, device } = request;
  const dataset = await checkTraining(session, training, ['input', 'training']);
  checkMeasure(evaluation, { dataset, protocol: 'HOLD_OUT', trainedHere: true }, ['input', 'evaluation']);
  const config = { ...request, training: { ...training, dataset: dataset.name } };
  return launch(session, {
    kind: 'TRAINING',
    mutation: 'startTraining',
    stages: evaluation ? ['TRAINING', 'EVALUATION'] : ['TRAINING'],
    config: globalIds(config),
    about: { architecture: training.architecture, dataset: dataset.name, variant: training.variant },
    inputs: [],
    ...{ project, name, seed, tags, device },
  });
}
