/** What a run does next, where runs may wait for each other's training. */
import type { Transaction } from '../store/database.ts';
import { nextStage, setTrainer, waitingFor } from '../store/shared-training.ts';
import { lockRun } from '../store/stages.ts';
import type { Boss } from './boss.ts';
import { sendStage } from './send-stage.ts';
import { ensureQueue, queueOf } from './stage-queues.ts';

/**
 * Queues the stages of the runs that waited for this one's training: with its network, or, where there will be none, the first
 * of them trains for the others. The caller holds the run; those that wait have higher ids, so that nobody waits in a circle.
 */
export async function releaseWaiting(boss: Boss, transaction: Transaction, trainer: number): Promise<void> {
  let heir: number | undefined;
  for (const run of await waitingFor(transaction, trainer)) {
    const { wantedDeviceId } = await lockRun(transaction, run);
    if (heir !== undefined) {
      await setTrainer(transaction, run, heir);
      continue;
    }
    const stage = await nextStage(transaction, run);
    if (!stage) continue;
    if (stage === 'TRAINING') heir = run;
    await ensureQueue(boss, queueOf(wantedDeviceId));
    await sendStage(boss, transaction, { run, stage }, wantedDeviceId);
  }
}
