/** The start mutations that do one step of RiFT, or one measurement, on weights that are already here. */
import { isDeepStrictEqual } from 'node:util';
import { criticalityConfig, type FineTuneConfig, type SelectionProtocol, type StageName } from '../../../engine/config.ts';
import { normalisationOf } from '../../../engine/index.ts';
import { BadInputError } from '../../errors.ts';
import { formOf } from '../../store/network-form.ts';
import type { RunKind } from '../../store/records.ts';
import type { Path } from '../input.ts';
import { modulesOfCheckpoint } from '../networks.ts';
import { permit } from '../permission.ts';
import type { CheckpointRecord, RunRecord } from '../records.ts';
import type { Session } from '../session.ts';
import { type CheckedCheckpoint, checkCheckpoint, checkCriticality, checkFineTune, checkGoal, checkMeasure } from './checks.ts';
import { globalIds } from './global-ids.ts';
import { type Launch, launch } from './launch.ts';
import { criticalityRequest, evaluationRequest, fineTuneRequest, interpolationRequest } from './requests.ts';
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

function planned<Request extends Common>(
  request: Request,
  { checkpoint, dataset }: CheckedCheckpoint,
  run: { kind: RunKind; mutation: string; stages: readonly StageName[]; tuned?: readonly number[] },
): Launch {
  const { project, name, seed, tags, device } = request;
  const { tuned = [], ...what } = run;
  const about = { architecture: checkpoint.architecture, dataset: dataset.name, variant: checkpoint.variant };
  const inputs = [{ checkpointId: checkpoint.id, label: 'base' as const }];
  return {
    config: globalIds({ ...request, dataset: dataset.name }),
    base: checkpoint,
    about,
    inputs: [...inputs, ...tuned.map((checkpointId, index) => ({ checkpointId, label: tunedLabel(index) }))],
    ...{ ...what, project, name, seed, tags, device },
  };
}

const measuringOf = ({ protocol }: Common, { checkpoint, dataset }: CheckedCheckpoint) => ({
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
  const criticality = choosesByScore(fineTune) ? (given ?? criticalityConfig.parse({})) : undefined;
  if (given && !criticality)
    throw new BadInputError(`${fineTune.select} chooses without scores: no module is scored.`, ['input', 'criticality']);
  if (criticality) checkCriticality(criticality, existing, on, ['input', 'criticality']);
  if (criticality) checkGoal(criticality, fineTune, ['input', 'criticality']);
  checkFineTune(fineTune, { existing, scored: criticality?.modules?.length ?? existing.length }, on, ['input', 'fineTune']);
  const stages: StageName[] = criticality ? ['CRITICALITY', 'FINE_TUNE'] : ['FINE_TUNE'];
  return planned({ ...rest, criticality }, checked, { kind: 'FINE_TUNE', mutation: 'startFineTune', stages });
}

/** before: those that it is merged with. */
function checkTuned(tuned: CheckpointRecord, base: CheckpointRecord, before: readonly CheckpointRecord[], path: Path): void {
  if (base.architecture !== tuned.architecture)
    throw new BadInputError(
      `Base is a ${base.architecture} and tuned a ${tuned.architecture}: only weights of one architecture can be interpolated.`,
      path,
    );
  if (before.some(({ id }) => id === tuned.id) || (before.length > 0 && tuned.id === base.id))
    throw new BadInputError(`Checkpoint "${tuned.name}" would be merged with itself or its base.`, path);
}

/** Measures the weights between checkpoints of one architecture, of several fine-tuned ones what they give together. */
export async function startInterpolation(session: Session, input: unknown): Promise<RunRecord> {
  permit(session, 'MEMBER');
  return launch(session, await planInterpolation(session, input));
}

export async function planInterpolation(session: Session, input: unknown): Promise<Launch> {
  const request = settle(interpolationRequest, input);
  const base = await checkCheckpoint(session, request.base, request.dataset, ['input', 'base']);
  const tuned: CheckpointRecord[] = [];
  for (const [id, path] of [[request.tuned, ['tuned']] as const, ...(request.merge ?? []).map((id, at) => [id, ['merge', at]] as const)]) {
    const { checkpoint } = await checkCheckpoint(session, id, base.dataset.name, ['input', ...path]);
    checkTuned(checkpoint, base.checkpoint, tuned, ['input', ...path]);
    tuned.push(checkpoint);
  }
  const differs = differenceOf(base, tuned);
  if (differs) {
    throw new BadInputError(`Base and tuned differ in their ${differs}: only weights of one network can be interpolated.`, [
      'input',
      'tuned',
    ]);
  }
  checkMeasure(request.evaluation, measuringOf(request, base), ['input', 'evaluation']);
  const run = { kind: 'INTERPOLATION' as const, mutation: 'startInterpolation', stages: ['INTERPOLATION' as const] };
  return planned(request, base, { ...run, tuned: tuned.map(({ id }) => id) });
}

/** What two networks of one architecture differ in; undefined where they are the same. */
function differenceOf(base: CheckedCheckpoint, tuned: CheckedCheckpoint): string | undefined {
  const [one, other] = [formOf(base.checkpoint), formOf(tuned.checkpoint)];
  if (!isDeepStrictEqual(one.architectureOptions, other.architectureOptions)) return 'architecture options';
  const normalisations = [one, other].map((form) => normalisationOf(form, base.dataset));
  return isDeepStrictEqual(normalisations[0], normalisations[1]) ? undefined : 'normalisation';
}

/** Measures one checkpoint on the test split. */
export async function startEvaluation(session: Session, input: unknown): Promise<RunRecord> {
  permit(session, 'MEMBER');
  return launch(session, await planEvaluation(session, input));
}

export async function planEvaluation(session: Session, input: unknown): Promise<Launch> {
  const request = settle(evaluationRequest, input);
  const checked = await checkCheckpoint(session, request.checkpoint, request.dataset, ['input', 'checkpoint']);
  checkMeasure(request.evaluation, measuringOf(request, checked), ['input', 'evaluation']);
  return planned(request, checked, { kind: 'EVALUATION', mutation: 'startEvaluation', stages: ['EVALUATION'] });
}
