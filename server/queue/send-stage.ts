import type { Transaction } from '../store/database.ts';
import { type Boss, within } from './boss.ts';
import { queueOf } from './stage-queues.ts';
import type { StageTask } from './stage-task.ts';

/**
 * Queues a stage for the wanted device (any when null). Runs are served in the order of their ids: a run's later stages go before
 * the first stage of a run that came after it. Throws when the run already has this stage or slice queued or active.
 */
export async function sendStage(boss: Boss, transaction: Transaction, task: StageTask, wantedDevice: number | null): Promise<void> {
  const { run, slice } = task;
  const options = { singletonKey: slice ? `${run}/${slice.index}` : String(run), priority: -run, ...within(transaction) };
  const id = await boss.send(queueOf(wantedDevice), task, options);
  if (id === null) throw new Error(`Run-${run} already has a stage in the queue; ${task.stage} was not added.`);
}
