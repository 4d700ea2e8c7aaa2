/** Deleting and restoring runs. What is deleted is kept for a while; purge.ts ends it. */
import { ConflictError, NotFoundError } from '../errors.ts';
import { type DeletableRun, lockRuns, markDeleted } from '../store/deletion.ts';
import { act } from './act.ts';
import { globalId } from './identity.ts';
import { permit } from './permission.ts';
import type { RunRecord } from './records.ts';
import type { Session } from './session.ts';

type Ids = readonly (number | null)[];

/** All of them or none. Runs that are deleted already stay as they are. Throws ConflictError for one that is queued or running. */
export const deleteRuns = (session: Session, ids: Ids): Promise<RunRecord[]> =>
  mark(session, 'deleteRuns', ids, new Date(), ({ deletedAt }) => deletedAt === null);

/** All of them or none. Runs that are not deleted stay as they are. */
export const restoreRuns = (session: Session, ids: Ids): Promise<RunRecord[]> =>
  mark(session, 'restoreRuns', ids, null, ({ deletedAt }) => deletedAt !== null);

async function mark(
  session: Session,
  action: 'deleteRuns' | 'restoreRuns',
  ids: Ids,
  at: Date | null,
  changes: (run: DeletableRun) => boolean,
): Promise<RunRecord[]> {
  permit(session, 'MEMBER');
  const known = ids.filter((id) => id !== null);
  await act(session, action, { ids: known.map((id) => globalId('Run', id)) }, async (transaction) => {
    const runs = new Map((await lockRuns(transaction, known)).map((run) => [run.id, run]));
    const wanted = ids.map((id, position) => need(id === null ? undefined : runs.get(id), ['ids', position], at !== null));
    const changed = [...new Set(wanted.filter(changes).map(({ id }) => id))];
    await markDeleted(transaction, changed, at);
    return {
      result: null,
      target: changed.map((id) => globalId('Run', id)).join(' '),
      notifications: changed.map((run) => ({ type: 'runChanged' as const, run })),
    };
  });
  for (const id of known) session.load.run.clear(id);
  return (await session.load.run.loadMany(known)).filter((run): run is RunRecord => run !== null && !(run instanceof Error));
}

function need(run: DeletableRun | undefined, path: (string | number)[], deleting: boolean): DeletableRun {
  if (!run) throw new NotFoundError('There is no such run.', path);
  if (deleting && (run.state === 'QUEUED' || run.state === 'RUNNING'))
    throw new ConflictError(`Run-${run.id} ("${run.name}") is ${run.state}: cancel it before you delete it.`, path);
  return run;
}
