/** The start mutations that do one step of RiFT, or one measurement, on weights that are already here. */
import { criticalityConfig, type FineTuneConfig, type SelectionProtocol, type StageName } from '../../../engine/config.ts';
import { BadInputError } from '../../errors.ts';
import type { RunKind } from '../../store/records.ts';
import { aboutOf, modulesOfCheckpoint } from '../networks.ts';
import { permit } from '../permission.ts';
import type { RunRecord } from '../records.ts';
import type { Session } from '../session.ts';
import {
  type CheckedCheckpoint,
  checkCheckpoint,
  checkCriticality,
  checkFineTune,
  checkGoal,
  checkMeasure,
  checkRead,
  checkSelection,
} from './checks.ts';
import { globalIds } from './global-ids.ts';
import { type Launch, launch } from './launch.ts';
import { criticalityRequest, evaluationRequest, fineTuneRequest } from './requests.ts';
import { settle } from './settle.ts';

interface Common {
  project: string;
  name?: string;
  seed: number;
  protocol: SelectionProtocol;
  tags: { key: string; value: string }[];
  device?: number | null;
}

/** Of the checkpoints that are merged and swept as one, counted from 0. */
const tunedLabel = (index: number): Launch['inputs'][number]['label'] => (index === 0 ? 'tuned' : `tuned ${index + 1}`);

export function planned<Request extends Common>(
  request: Request,
  { checkpoint, dataset }: CheckedCheckpoint,
  run: { kind: RunKind; mutation: string; stages: readonly StageName[]; tuned?: readonly number[] },
): Launch {
  const { project, name, seed, tags, device } = request;
  const { tuned = [], ...what } = run;
  const inputs = [{ checkpointId: checkpoint.id, label: 'base' as const }];
  return {
    config: globalIds({ ...request, dataset: dataset.name }),
    base: checkpoint,
    about: aboutOf(checkpoint, dataset),
    inputs: [...inputs, ...tuned.map((checkpointId, index) => ({ checkpointId, label: tunedLabel(index) }))],
    ...{ ...what, project, name, seed, tags, device },
  };
}

export const measuringOf = ({ protocol }: Common, { checkpoint, dataset }: CheckedCheckpoint) => ({
  dataset,
  protocol,
  trainedHere: checkpoint.trainedHere,
});

/** Scores modules by their robust criticality. */
export async function startCriticality(session: Session, input: unknown): Promise<RunRecord> {
  permit(session, 'MEMBER');
  return launch(session, await planCriticality(session, input));
}

export async function planCriticality(session: Session, input: unknown): Promise<Launch> {
  const { attack, criticality: given, ...rest } = settle(criticalityRequest, input);
  if (attack && (input as { criticality?: { attack?: unknown } | null }).criticality?.attack)
    throw new BadInputError('The attack is given twice: as attack and as criticality.attack.', ['input', 'attack']);
  const request = { ...rest, criticality: attack ? { ...given, attack } : given };
  const checked = await checkCheckpoint(session, request.checkpoint, request.dataset, ['input', 'checkpoint']);
  const existing = modulesOfCheckpoint(checked.checkpoint);
  checkSelection(measuringOf(request, checked), ['input', 'dataset']);
  checkCriticality(request.criticality, existing, measuringOf(request, checked), ['input', 'criticality']);
  return planned(request, checked, { kind: 'CRITICALITY', mutation: 'startCriticality', stages: ['CRITICALITY'] });
}

const choosesByScore = ({ select }: FineTuneConfig) => ['NON_ROBUST_CRITICAL', 'ROBUST_CRITICAL', 'TOP_K'].includes(select);

/** Fine-tunes modules on clean data; where the choice needs MRC scores, they are measured first. */
export async function startFineTune(session: Session, input: unknown): Promise<RunRecord> {
  permit(session, 'MEMBER');
  return launch(session, await planFineTune(session, input));
}

export async function planFineTune(session: Session, input: unknown): Promise<Launch> {
  const { criticality: given, ...rest } = settle(fineTuneRequest, input);
  const { fineTune } = rest;
  const checked = await checkCheckpoint(session, rest.checkpoint, rest.dataset, ['input', 'checkpoint']);
  const existing = modulesOfCheckpoint(checked.checkpoint);
  const on = measuringOf(rest, checked);
  checkSelection(on, ['input', 'dataset']);
  const criticality = choosesByScore(fineTune) ? (given ?? criticalityConfig.parse({})) : undefined;
  if (given && !criticality)
    throw new BadInputError(`${fineTune.select} chooses without scores: no module is scored.`, ['input', 'criticality']);
  if (criticality) checkCriticality(criticality, existing, on, ['input', 'criticality']);
  if (criticality) checkGoal(criticality, fineTune, ['input', 'criticality']);
  checkFineTune(fineTune, { existing, scored: criticality?.modules?.length ?? existing.length }, on, ['input', 'fineTune']);
  const stages: StageName[] = criticality ? ['CRITICALITY', 'FINE_TUNE'] : ['FINE_TUNE'];
  return planned({ ...rest, criticality }, checked, { kind: 'FINE_TUNE', mutation: 'startFineTune', stages });
}

/** Measures one checkpoint on the test split: on all of it, unless the held-out half chose the weights or what they come from. */
export async function startEvaluation(session: Session, input: unknown): Promise<RunRecord> {
  permit(session, 'MEMBER');
  return launch(session, await planEvaluation(session, input));
}

export async function planEvaluation(session: Session, input: unknown): Promise<Launch> {
  const given = settle(evaluationRequest, input);
  const checked = await checkCheckpoint(session, given.checkpoint, given.dataset, ['input', 'checkpoint']);
  const { trainedHere, chosenOn } = checked.checkpoint;
  const protocol = given.protocol ?? (trainedHere || chosenOn.includes('holdout') ? 'HOLD_OUT' : 'PAPER');
  const request = { ...given, protocol };
  checkMeasure(request.evaluation, measuringOf(request, checked), ['input', 'evaluation']);
  checkRead(request.evaluation, {}, ['input', 'evaluation']);
  return planned(request, checked, { kind: 'EVALUATION', mutation: 'startEvaluation', stages: ['EVALUATION'] });
}
