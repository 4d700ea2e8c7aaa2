import type { Transaction } from '../store/database.ts';
import { type Boss, within } from './boss.ts';
import { queueOf } from './stage-queues.ts';

/** Takes a run's stages out of the queue, and away from the worker that has one. */
export async function cancelStages(boss: Boss, transaction: Transaction, run: number, wantedDevice: number | null): Promise<void> {
  const queue = queueOf(wantedDevice);
  const jobs = await boss.findJobs(queue, { key: String(run), ...within(transaction) });
  const live = jobs.filter(({ state }) => state === 'created' || state === 'retry' || state === 'active');
  if (live.length > 0)
    await boss.cancel(
      queue,
      live.map(({ id }) => id),
      within(transaction),
    );
}
