/** Studies: reading, listing, pausing and resuming. */
import { ConflictError, NotFoundError } from '../../errors.ts';
import { decodeCursor, encodeCursor, wrongCursor } from '../../store/cursor.ts';
import type { Transaction } from '../../store/database.ts';
import * as store from '../../store/studies.ts';
import { act } from '../act.ts';
import { pageSize } from '../page-size.ts';
import { permit } from '../permission.ts';
import { needProject } from '../projects.ts';
import type { Page, RunRecord, RunState, StudyRecord } from '../records.ts';
import type { Session } from '../session.ts';

/** Throws NotFoundError with the argument's path. */
export async function needStudy(session: Session, id: number | null): Promise<StudyRecord> {
  const study = id === null ? null : await session.load.study.load(id);
  if (!study) throw new NotFoundError('There is no such study. The studies query lists those that exist.', ['id']);
  return study;
}

/** A study of many runs writes many rows. */
export const longestMilliseconds = 60_000;

const byId = ['studies, newest first'];

/** The newest first. */
export async function listStudies(
  session: Session,
  { project, first, after }: { project?: string | null; first?: number | null; after?: string | null },
): Promise<Page<StudyRecord>> {
  const id = project == null ? null : (await needProject(session, project, ['project'])).id;
  const before = after == null ? null : placeOf(after);
  const page = await store.listStudies(session.lab.database, { project: id, first: pageSize(first), before });
  return { ...page, cursors: page.cursors.map((cursor) => encodeCursor(byId, [cursor])) };
}

function placeOf(cursor: string): number {
  const [id] = decodeCursor(byId, cursor);
  if (typeof id === 'string' && /^\d{1,9}$/.test(id)) return Number(id);
  throw wrongCursor();
}

/** Its runs that are not deleted, the oldest first. */
export async function runsOfStudy(session: Session, study: number): Promise<RunRecord[]> {
  const members = await session.load.studyRuns.load(study);
  const runs = await session.load.run.loadMany(members.map(({ runId }) => runId));
  return runs.filter((run): run is RunRecord => run !== null && !(run instanceof Error));
}

const byRun = (study: number) => ['runs of a study', study];

/** A page of them. */
export async function pageOfRuns(
  session: Session,
  study: number,
  first: number | null,
  after: string | null,
): Promise<Page<RunRecord> & { count(): Promise<number> }> {
  const all = await runsOfStudy(session, study);
  const last = after === null ? 0 : Number(decodeCursor(byRun(study), after)[0]);
  const size = pageSize(first);
  const rest = all.filter(({ id }) => id > last);
  const items = rest.slice(0, size);
  return {
    items,
    cursors: items.map(({ id }) => encodeCursor(byRun(study), [String(id)])),
    hasNextPage: rest.length > size,
    hasPreviousPage: after !== null,
    count: async () => all.length,
  };
}

const isOpen = (state: RunState) => state === 'QUEUED' || state === 'RUNNING';

/** A paused study counts as CANCELLED until it is resumed. */
export function stateOf({ pausedAt }: StudyRecord, states: readonly RunState[]): RunState {
  if (states.length > 0 && states.every((state) => state === 'FINISHED')) return 'FINISHED';
  if (states.includes('RUNNING')) return 'RUNNING';
  if (states.includes('QUEUED')) return states.some((state) => !isOpen(state)) ? 'RUNNING' : 'QUEUED';
  if (states.includes('FAILED') && pausedAt === null) return 'FAILED';
  return 'CANCELLED';
}

type Turn = 'pauseStudy' | 'resumeStudy';

async function turn(
  session: Session,
  action: Turn,
  id: number | null,
  change: (transaction: Transaction, study: StudyRecord, members: store.StudyMember[]) => Promise<void>,
): Promise<StudyRecord> {
  permit(session, 'MEMBER');
  const study = await needStudy(session, id);
  const result = await act(
    session,
    action,
    { id: `Study-${study.id}` },
    async (transaction) => {
      const locked = (await store.lockStudy(transaction, study.id)) as StudyRecord;
      const members = (await store.membersOf(transaction, study.id)).filter(({ deleted }) => !deleted);
      await change(transaction, locked, members);
      const changed = await store.setPaused(transaction, study.id, action === 'pauseStudy' ? new Date() : null);
      const notifications = members.map(({ run }) => ({ type: 'runChanged' as const, run }));
      return { result: changed, target: `Study-${study.id}`, notifications };
    },
    longestMilliseconds,
  );
  session.load.study.clear(study.id).prime(study.id, result);
  session.load.run.clearAll();
  return result;
}

/** Stops its runs: what they have done is kept. Throws ConflictError for a study whose runs have all ended. */
export const pauseStudy = (session: Session, id: number | null) =>
  turn(session, 'pauseStudy', id, async (transaction, { pausedAt }, members) => {
    const open = members.filter(({ state }) => isOpen(state));
    if (open.length === 0 && !pausedAt) throw new ConflictError('All runs of the study have ended: there is nothing to pause.', ['id']);
    // Those that wait for a training come first, so that none of them takes it over.
    for (const { run } of open.reverse()) await session.lab.queue.cancelRun(transaction, run);
  });

/** Queues the runs that were cancelled or have failed again, each from where it stopped. Throws ConflictError where there is none. */
export const resumeStudy = (session: Session, id: number | null) =>
  turn(session, 'resumeStudy', id, async (transaction, { pausedAt }, members) => {
    const ended = members.filter(({ state }) => state === 'CANCELLED' || state === 'FAILED');
    if (ended.length === 0 && !pausedAt) throw new ConflictError('No run of the study was cancelled or has failed.', ['id']);
    for (const { run } of ended) await session.lab.queue.resumeRun(transaction, run);
  });
