/** The start mutations that do one step of RiFT, or one measurement, on weights that are already here. */
import type { FineTuneConfig, StageName } from '../../../engine/config.ts';
import { BadInputError } from '../../errors.ts';
import type { RunKind } from '../../store/records.ts';
import { check } from '../input.ts';
import { modulesOfCheckpoint } from '../networks.ts';
import { permit } from '../permission.ts';
import type { RunRecord } from '../records.ts';
import type { Session } from '../session.ts';
import { type CheckedCheckpoint, checkCheckpoint, checkCriticality, checkFineTune, checkMeasure, checkSingleRun } from './checks.ts';
import { planOf, type Settings } from './cost.ts';
import { globalIds } from './global-ids.ts';
import { type Launch, launch } from './launch.ts';
import { criticalityRequest, evaluationRequest, fineTuneRequest, interpolationRequest } from './requests.ts';

interface Common {
  project: string;
  name?: string;
  seed: number;
  tags: { key: string; value: string }[];
  device?: number | null;
}

async function planned(
  session: Session,
  request: Common & Settings,
  { checkpoint, dataset }: CheckedCheckpoint,
  run: { kind: RunKind; mutation: string; stages: readonly StageName[]; tuned?: number },
): Promise<Launch> {
  const { project, name, seed, tags, device } = request;
  const { tuned, ...what } = run;
  const about = { architecture: checkpoint.architecture, dataset: dataset.name, variant: checkpoint.variant };
  const inputs = [{ checkpointId: checkpoint.id, label: 'base' as const }];
  return {
    config: globalIds({ ...request, dataset: dataset.name }),
    cost: await planOf(session, { stages: run.stages, about }, request, checkpoint),
    about,
    inputs: tuned === undefined ? inputs : [...inputs, { checkpointId: tuned, label: 'tuned' }],
    ...{ ...what, project, name, seed, tags, device },
  };
}

/** Steps on their own choose on holdout. */
const measuringOf = ({ checkpoint, dataset }: CheckedCheckpoint) => ({
  dataset,
  protocol: 'HOLD_OUT' as const,
  trainedHere: checkpoint.trainedHere,
});

/** Scores modules by their robust criticality. */
export async function startCriticality(session: Session, input: unknown): Promise<RunRecord> {
  permit(session, 'MEMBER');
  return launch(session, await planCriticality(session, input));
}

export async function planCriticality(session: Session, input: unknown): Promise<Launch> {
  const request = check(criticalityRequest, input, ['input']);
  const checked = await checkCheckpoint(session, request.checkpoint, request.dataset, ['input', 'checkpoint']);
  checkCriticality(request.criticality, modulesOfCheckpoint(checked.checkpoint), measuringOf(checked), ['input', 'criticality']);
  checkSingleRun(request.attack, ['input', 'attack']);
  return planned(session, request, checked, { kind: 'CRITICALITY', mutation: 'startCriticality', stages: ['CRITICALITY'] });
}

const choosesByScore = ({ select }: FineTuneConfig) => ['NON_ROBUST_CRITICAL', 'ROBUST_CRITICAL', 'TOP_K'].includes(select);

/** Fine-tunes modules on clean data; where the choice needs MRC scores, they are measured first. */
export async function startFineTune(session: Session, input: unknown): Promise<RunRecord> {
  permit(session, 'MEMBER');
  return launch(session, await planFineTune(session, input));
}

export async function planFineTune(session: Session, input: unknown): Promise<Launch> {
  const request = check(fineTuneRequest, input, ['input']);
  const checked = await checkCheckpoint(session, request.checkpoint, request.dataset, ['input', 'checkpoint']);
  const modules = modulesOfCheckpoint(checked.checkpoint);
  checkFineTune(request.fineTune, { existing: modules, scored: modules.length }, measuringOf(checked), ['input', 'fineTune']);
  const stages: StageName[] = choosesByScore(request.fineTune) ? ['CRITICALITY', 'FINE_TUNE'] : ['FINE_TUNE'];
  return planned(session, request, checked, { kind: 'FINE_TUNE', mutation: 'startFineTune', stages });
}

/** Measures the weights between two checkpoints of one architecture and selects the best. */
export async function startInterpolation(session: Session, input: unknown): Promise<RunRecord> {
  permit(session, 'MEMBER');
  return launch(session, await planInterpolation(session, input));
}

export async function planInterpolation(session: Session, input: unknown): Promise<Launch> {
  const request = check(interpolationRequest, input, ['input']);
  const base = await checkCheckpoint(session, request.base, request.dataset, ['input', 'base']);
  const tuned = await checkCheckpoint(session, request.tuned, base.dataset.name, ['input', 'tuned']);
  if (base.checkpoint.architecture !== tuned.checkpoint.architecture) {
    throw new BadInputError(
      `Base is a ${base.checkpoint.architecture} and tuned a ${tuned.checkpoint.architecture}: only weights of one architecture can be interpolated.`,
      ['input', 'tuned'],
    );
  }
  checkMeasure(request.evaluation, measuringOf(base), ['input', 'evaluation']);
  const run = { kind: 'INTERPOLATION' as const, mutation: 'startInterpolation', stages: ['INTERPOLATION' as const] };
  return planned(session, request, base, { ...run, tuned: tuned.checkpoint.id });
}

/** Measures one checkpoint on the test split. */
export async function startEvaluation(session: Session, input: unknown): Promise<RunRecord> {
  permit(session, 'MEMBER');
  return launch(session, await planEvaluation(session, input));
}

export async function planEvaluation(session: Session, input: unknown): Promise<Launch> {
  const request = check(evaluationRequest, input, ['input']);
  const checked = await checkCheckpoint(session, request.checkpoint, request.dataset, ['input', 'checkpoint']);
  checkMeasure(request.evaluation, measuringOf(checked), ['input', 'evaluation']);
  return planned(session, request, checked, { kind: 'EVALUATION', mutation: 'startEvaluation', stages: ['EVALUATION'] });
}
