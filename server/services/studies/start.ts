/** Starting and extending a study, and what either costs. */
import { canonicalJson, type StageWork } from '../../../engine/index.ts';
import { BadInputError, ConflictError } from '../../errors.ts';
import type { Transaction } from '../../store/database.ts';
import type { Notification } from '../../store/notifications.ts';
import * as store from '../../store/studies.ts';
import { act } from '../act.ts';
import { check } from '../input.ts';
import { permit } from '../permission.ts';
import { needProject } from '../projects.ts';
import type { StudyRecord } from '../records.ts';
import type { Session } from '../session.ts';
import { worksOf } from '../start/cost.ts';
import { type DeviceEstimate, estimatesOf } from '../start/estimate.ts';
import { makeReady, queueReady } from '../start/launch.ts';
import { type PlannedRun, planStudy, type ReadInput, type StudyPlan } from './plan.ts';
import type { Grid, PresetName, Settings } from './presets.ts';
import { longestMilliseconds, needStudy } from './studies.ts';
import { axesOf, grid as gridSchema, seeds as seedsSchema, studyRequest } from './unroll.ts';

function settingsOf(input: unknown): StudyPlan {
  const { base = {}, grid = {}, preset = null, ...rest } = check(studyRequest, input, ['input']);
  if (!preset && Object.keys(grid).length === 0 && Object.keys(base).length === 0)
    throw new BadInputError('A study needs a preset, or settings of its own in base and grid.', ['input', 'preset']);
  return { ...rest, base, grid, preset };
}

/** What queues the runs in a transaction; of those that train the same network the first trains it for all. */
async function queueRuns(session: Session, planned: readonly PlannedRun[]) {
  const ready = await Promise.all(planned.map(async (one) => ({ ...one, ready: await makeReady(session, one.launch) })));
  return async (transaction: Transaction, study: number): Promise<Notification[]> => {
    const trainers = new Map<string, number>();
    const started: Notification[] = [];
    for (const { cell, seed, training, ready: run } of ready) {
      const { id } = await queueReady(session, transaction, run, training === null ? undefined : trainers.get(training));
      if (training !== null && !trainers.has(training)) trainers.set(training, id);
      await store.addStudyRun(transaction, study, id, cell, seed);
      started.push({ type: 'runChanged', run: id });
    }
    return started;
  };
}

/** Throws BadInputError with everything that is wrong, at its place in base or grid; nothing is started then. */
export async function startStudy(session: Session, input: unknown, read: ReadInput): Promise<StudyRecord> {
  const { user } = permit(session, 'MEMBER');
  const study = settingsOf(input);
  const project = await needProject(session, study.project, ['input', 'project']);
  const queue = await queueRuns(session, await planStudy(session, study, read));
  const { name, preset, base, grid, seeds, scale } = study;
  const row = { projectId: project.id, name, preset, base, grid, seeds: [...seeds], scale, createdById: user.id };
  const change = async (transaction: Transaction) => {
    const created = await store.createStudy(transaction, row);
    return { result: created, target: `Study-${created.id}`, notifications: await queue(transaction, created.id) };
  };
  return act(session, 'startStudy', study, change, longestMilliseconds);
}

export interface StudyEstimate {
  runs: number;
  /** Networks that are trained. */
  trainings: number;
  devices: DeviceEstimate[];
}

/** What a study would take on each device alone, the quickest first. Throws what startStudy would. */
export async function estimateStudy(session: Session, input: unknown, read: ReadInput): Promise<StudyEstimate> {
  permit(session, 'VIEWER');
  const planned = await planStudy(session, settingsOf(input), read);
  const trained = new Set<string>();
  const stages: StageWork[] = [];
  for (const { launch, training } of planned) {
    const shares = training !== null && trained.has(training);
    if (training !== null) trained.add(training);
    for (const [name, work] of await worksOf(launch)) if (!(shares && name === 'TRAINING')) stages.push({ name, work });
  }
  return { runs: planned.length, trainings: trained.size, devices: await estimatesOf(session, stages) };
}

const keyOf = ({ cell, seed }: { cell: unknown; seed: number }) => canonicalJson({ cell, seed });

/** Adds seeds, and values of fields that the grid has; only the runs that are new start. Throws ConflictError while it is paused. */
export async function extendStudy(
  session: Session,
  id: number | null,
  change: { seeds?: readonly number[] | null; grid?: unknown },
  read: ReadInput,
): Promise<StudyRecord> {
  permit(session, 'MEMBER');
  const study = await needStudy(session, id);
  const project = await session.load.project.load(study.projectId);
  const before = { preset: study.preset as PresetName | null, base: study.base as Settings, grid: study.grid as Grid };
  const axes = axesOf(before);
  const added = check(gridSchema, change.grid ?? {}, ['grid']);
  const unknown = Object.keys(added).find((field) => !axes[field]);
  if (unknown)
    throw new BadInputError(`The grid of this study has no field ${unknown}: its runs would not say which value they had.`, [
      'grid',
      unknown,
    ]);
  const union = (one: readonly unknown[], more: readonly unknown[]) => [
    ...new Map([...one, ...more].map((value) => [JSON.stringify(value), value])).values(),
  ];
  const grid = {
    ...before.grid,
    ...Object.fromEntries(Object.entries(added).map(([field, values]) => [field, union(axes[field] ?? [], values)])),
  };
  const moreSeeds = change.seeds?.length ? check(seedsSchema, change.seeds, ['seeds']) : [];
  if (moreSeeds.length === 0 && Object.keys(added).length === 0)
    throw new BadInputError('Give seeds, or values of fields that the grid has.', ['seeds']);
  const seeds = union(study.seeds, moreSeeds) as number[];
  const plan = { ...before, grid, seeds, scale: study.scale, name: study.name, project: project?.name ?? '' };
  const planned = await planStudy(session, plan, read);
  return act(
    session,
    'extendStudy',
    { id: `Study-${study.id}`, ...change },
    async (transaction) => {
      const locked = await store.lockStudy(transaction, study.id);
      if (locked?.pausedAt) throw new ConflictError('The study is paused: resume it before you extend it.', ['id']);
      if (canonicalJson([locked?.grid, locked?.seeds]) !== canonicalJson([study.grid, study.seeds]))
        throw new ConflictError('Somebody else extended the study at this moment: look at it, and try again.', ['id']);
      const there = new Set((await store.membersOf(transaction, study.id)).map(keyOf));
      const missing = planned.filter((run) => !there.has(keyOf(run)));
      if (missing.length === 0) throw new BadInputError('The study has these runs already.', [moreSeeds.length > 0 ? 'seeds' : 'grid']);
      const notifications = await (await queueRuns(session, missing))(transaction, study.id);
      const result = await store.extendStudy(transaction, study.id, { grid, seeds });
      return { result, target: `Study-${study.id}`, notifications };
    },
    longestMilliseconds,
  );
}
