import type { Transaction } from '../store/database.ts';
import { type Boss, within } from './boss.ts';
import { queueOf } from './stage-queues.ts';
import type { StageTask } from './stage-task.ts';

/** The tasks of a run that wait or are computed: its stage, or slices of it. */
export async function openTasks(boss: Boss, transaction: Transaction, run: number, wantedDevice: number | null) {
  const jobs = await boss.findJobs<StageTask>(queueOf(wantedDevice), { data: { run }, ...within(transaction) });
  return jobs.filter(({ state }) => state === 'created' || state === 'retry' || state === 'active');
}

/** Takes a run's tasks out of the queue, and away from the workers that have them. */
export async function cancelStages(boss: Boss, transaction: Transaction, run: number, wantedDevice: number | null): Promise<void> {
  const ids = (await openTasks(boss, transaction, run, wantedDevice)).map(({ id }) => id);
  if (ids.length > 0) await boss.cancel(queueOf(wantedDevice), ids, within(transaction));
}
