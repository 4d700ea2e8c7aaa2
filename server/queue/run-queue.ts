/** The queue that services use, on pg-boss. */
import type { Transaction } from '../store/database.ts';
import { lockRuns } from '../store/deletion.ts';
import { nextStage, trainerOf } from '../store/shared-training.ts';
import { cancelRun, createStages, type LockedRun, lockRun, reopenRun } from '../store/stages.ts';
import type { Boss } from './boss.ts';
import { cancelStages } from './cancel-stages.ts';
import { releaseWaiting } from './next-stage.ts';
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

  /** Sends what the run does next, unless it waits for the training of another. */
  async function sendNext(transaction: Transaction, { id, wantedDeviceId }: LockedRun): Promise<void> {
    const stage = await nextStage(transaction, id);
    if (stage) await send(transaction, { run: id, stage }, wantedDeviceId);
  }

  /** Holds the run, and before it the one whose training it shares: always in the order of their ids. */
  async function lockWithTrainer(transaction: Transaction, run: number): Promise<LockedRun> {
    const trainer = await trainerOf(transaction, run);
    if (trainer !== null) await lockRuns(transaction, [trainer]);
    return lockRun(transaction, run);
  }

  return {
    async enqueueRun(transaction, run, stages) {
      if (stages.length === 0) throw new Error(`Run-${run} was queued without a stage.`);
      const locked = await lockWithTrainer(transaction, run);
      await createStages(transaction, run, stages);
      await sendNext(transaction, locked);
    },
    async cancelRun(transaction, id) {
      const run = await lockRun(transaction, id);
      await cancelRun(transaction, run);
      await prepared(run.wantedDeviceId);
      await cancelStages(boss, transaction, id, run.wantedDeviceId);
      await releaseWaiting(boss, transaction, id);
    },
    async resumeRun(transaction, id) {
      const run = await lockWithTrainer(transaction, id);
      await reopenRun(transaction, run);
      await sendNext(transaction, run);
    },
  };
}
