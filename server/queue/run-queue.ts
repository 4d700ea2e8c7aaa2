/** The queue that services use, on pg-boss. */
import type { Transaction } from '../store/database.ts';
import { cancelRun, createStages, lockRun, reopenRun } from '../store/stages.ts';
import type { Boss } from './boss.ts';
import { cancelStages } from './cancel-stages.ts';
import type { Queue } from './queue.ts';
import { sendStage } from './send-stage.ts';
import { ensureQueue, queueOf } from './stage-queues.ts';
import type { StageTask } from './stage-task.ts';

export function createQueue(boss: Boss): Queue {
  const ready = new Map<string, Promise<void>>();

  /** A device's queue may not exist before the first run that asks for it. */
  function prepared(device: number | null): Promise<void> {
    const name = queueOf(device);
    const making = ready.get(name) ?? ensureQueue(boss, name);
    ready.set(name, making);
    return making;
  }

  async function send(transaction: Transaction, task: StageTask, device: number | null): Promise<void> {
    await prepared(device);
    await sendStage(boss, transaction, task, device);
  }

  return {
    async enqueueRun(transaction, run, stages) {
      const [first] = stages;
      if (!first) throw new Error(`Run ${run} was queued without a stage.`);
      const { wantedDeviceId } = await lockRun(transaction, run);
      await createStages(transaction, run, stages);
      await send(transaction, { run, stage: first }, wantedDeviceId);
    },
    async cancelRun(transaction, id) {
      const run = await lockRun(transaction, id);
      await cancelRun(transaction, run);
      await prepared(run.wantedDeviceId);
      await cancelStages(boss, transaction, id, run.wantedDeviceId);
    },
    async resumeRun(transaction, id) {
      const run = await lockRun(transaction, id);
      const stage = await reopenRun(transaction, run);
      await send(transaction, { run: id, stage }, run.wantedDeviceId);
    },
  };
}
