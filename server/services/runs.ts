/** Runs: reading, listing, renaming, cancelling, resuming. Starting one is in start/. */
import { z } from 'zod';
import { ConflictError, NotFoundError } from '../errors.ts';
import { deletedRun, liveRun } from '../store/deletion.ts';
import { runVocabulary } from '../store/filter/vocabulary.ts';
import { readLines } from '../store/lines.ts';
import { countRows, listIds } from '../store/listing.ts';
import { readSeries } from '../store/metrics.ts';
import { findMissingKeys, type MissingKey } from '../store/missing-keys.ts';
import type { OrderKey } from '../store/order.ts';
import { listRunFields } from '../store/run-fields.ts';
import { changeRun } from '../store/runs.ts';
import { act } from './act.ts';
import { check } from './input.ts';
import { type PageChoice, pageOf, pageSize } from './page-size.ts';
import { permit } from './permission.ts';
import { needProject } from './projects.ts';
import type { Page, RunRecord } from './records.ts';
import type { Session } from './session.ts';

export interface RunChoice {
  /** Name of a project; all when null. */
  project?: string | null;
  filter?: string | null;
  /** The deleted runs instead of the others. */
  deleted?: boolean | null;
}

export interface RunList extends RunChoice, PageChoice {
  orderBy?: readonly OrderKey[] | null;
}

const newestFirst: OrderKey[] = [{ by: 'created', direction: 'DESC' }];

async function choose(session: Session, { project, filter, deleted }: RunChoice) {
  const id = project == null ? null : (await needProject(session, project, ['project'])).id;
  const inProject = id === null ? [] : [() => `r."projectId" = ${id}`];
  return {
    table: '"Run"' as const,
    vocabulary: runVocabulary,
    where: [() => (deleted ? deletedRun : liveRun), ...inProject],
    filter: filter ?? null,
  };
}

/** hints: names in the filter or the order that no run has. */
export async function listRuns(session: Session, list: RunList): Promise<Page<RunRecord> & { hints: MissingKey[] }> {
  const order = list.orderBy?.length ? list.orderBy : newestFirst;
  const page = await listIds(session.lab.database, { ...pageOf(list), ...(await choose(session, list)), order });
  const runs = await session.load.run.loadMany(page.items);
  const hints = await findMissingKeys(session.lab.database, list.filter ?? null, list.orderBy ?? []);
  session.hints.push(...hints);
  return { ...page, hints, items: runs.filter((run): run is RunRecord => run !== null && !(run instanceof Error)) };
}

export const hintOf = ({ name, nearest }: MissingKey): string =>
  `No run has ${name}.${nearest.length > 0 ? ` Did you mean ${nearest.join(' or ')}?` : ''}`;

export const countRuns = async (session: Session, choice: RunChoice) => countRows(session.lab.database, await choose(session, choice));

export interface FieldChoice {
  /** Name of a project; all when null. */
  project: string | null;
  prefix: string;
  search: string;
  first: number | null;
}

export async function runFields(session: Session, { project, prefix, search, first }: FieldChoice) {
  const id = project === null ? null : (await needProject(session, project, ['project'])).id;
  return listRunFields(session.lab.database, id, { prefix, search, first: pageSize(first, 100, 1000) });
}

/** Throws NotFoundError with the argument's path. */
export async function needRun(session: Session, id: number | null, path: readonly (string | number)[] = ['id']): Promise<RunRecord> {
  const run = id === null ? null : await session.load.run.load(id);
  if (!run) throw new NotFoundError('There is no such run.', path);
  return run;
}

const word = z.string().trim().normalize().min(1).max(200);
export const tag = z.object({
  key: word.describe('Name of the tag.'),
  value: z.string().normalize().max(1000).describe('Value of the tag.'),
});

const runChange = z.object({
  name: word.optional(),
  notes: z.string().max(100_000).optional(),
  notesBefore: z.string().max(100_000).optional(),
  setTags: z.array(tag).max(100).optional(),
  deleteTags: z.array(word).max(100).optional(),
});

/** Renames, notes and tags. Tags that are not named stay. Throws ConflictError for notes that are not notesBefore any more. */
export async function updateRun(session: Session, id: number | null, change: unknown): Promise<RunRecord> {
  permit(session, 'MEMBER');
  const wanted = check(runChange, change, []);
  const run = await needRun(session, id);
  return act(session, 'updateRun', { id: run.id, ...wanted }, async (transaction) => {
    const result = await changeRun(transaction, run.id, wanted);
    if (!result)
      throw new ConflictError('Somebody else has changed the notes meanwhile. Read them again before you write.', ['notesBefore']);
    return { result, target: `Run-${run.id}`, notifications: [{ type: 'runChanged', run: run.id }] };
  });
}

async function turn(session: Session, action: 'cancelRun' | 'resumeRun', id: number | null): Promise<RunRecord> {
  permit(session, 'MEMBER');
  const run = await needRun(session, id);
  await act(session, action, { id: run.id }, async (transaction) => {
    await session.lab.queue[action](transaction, run.id);
    return { result: null, target: `Run-${run.id}` };
  });
  session.load.run.clear(run.id);
  return needRun(session, run.id);
}

/** Ends a run that is queued or running. Throws ConflictError for one that has ended. */
export const cancelRun = (session: Session, id: number | null) => turn(session, 'cancelRun', id);

/** Queues a failed or cancelled run again. Throws ConflictError for one in another state. */
export const resumeRun = (session: Session, id: number | null) => turn(session, 'resumeRun', id);

const mostKeys = 100;

export interface SeriesChoice {
  keys: readonly string[];
  maxPoints?: number | null;
  fromStep?: number | null;
  toStep?: number | null;
}

export function readRunSeries(session: Session, run: number, { keys, maxPoints, fromStep, toStep }: SeriesChoice) {
  pageSize(Math.max(keys.length, 1), mostKeys, mostKeys, 'keys');
  const points = pageSize(maxPoints, 500, 5000, 'maxPoints');
  return readSeries(session.lab.database, run, {
    keys: [...new Set(keys)],
    maxPoints: points,
    fromStep: fromStep ?? null,
    toStep: toStep ?? null,
  });
}

export const readLog = (session: Session, run: number, after: number | null, first: number | null) =>
  readLines(session.lab.database, run, after, pageSize(first, 200, 5000));
