import type { Transaction } from '../store/database.ts';
import { type Boss, within } from './boss.ts';
import { queueOf } from './stage-queues.ts';
import type { StageTask } from './stage-task.ts';

/** Queues a stage for the wanted device (any when null). Throws when the run already has a stage queued or active. */
export async function sendStage(boss: Boss, transaction: Transaction, task: StageTask, wantedDevice: number | null): Promise<void> {
  const id = await boss.send(queueOf(wantedDevice), task, { singletonKey: String(task.run), ...within(transaction) });
  if (id === null) throw new Error(`Run ${task.run} already has a stage in the queue; ${task.stage} was not added.`);
}
