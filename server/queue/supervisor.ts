/** What only the server process does for the queue: end what was given up, notice silent devices, find lost runs again. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../store/database.ts';
import { markSilentDevices } from '../store/devices.ts';
import { nextStage } from '../store/shared-training.ts';
import { lockRun, openRuns } from '../store/stages.ts';
import type { Boss } from './boss.ts';
import { openTasks } from './cancel-stages.ts';
import { failGivenUpRuns } from './give-up.ts';
import { sendStage } from './send-stage.ts';
import { anyDeviceQueue, ensureQueue, queueOf } from './stage-queues.ts';

export interface Supervisor {
  stop(): Promise<void>;
}

const intervalMilliseconds = 2000;

export async function startSupervisor(boss: Boss, database: Database, onError: (error: unknown) => void): Promise<Supervisor> {
  await ensureQueue(boss, anyDeviceQueue);
  await failGivenUpRuns(boss, database);
  await requeueLostRuns(boss, database);
  const stopping = new AbortController();
  const running = (async () => {
    while (!stopping.signal.aborted) {
      try {
        await failGivenUpRuns(boss, database);
        await markSilentDevices(database.prisma);
      } catch (error) {
        onError(error);
      }
      await sleep(intervalMilliseconds, undefined, { signal: stopping.signal }).catch(() => {});
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/** Runs that are open but have nothing in the queue, as after the queue was restored from elsewhere, get their stage back. */
async function requeueLostRuns(boss: Boss, { prisma }: Database): Promise<void> {
  for (const run of await openRuns(prisma)) {
    await prisma.$transaction(async (transaction) => {
      const { wantedDeviceId, state } = await lockRun(transaction, run);
      if (state !== 'QUEUED' && state !== 'RUNNING') return;
      await ensureQueue(boss, queueOf(wantedDeviceId));
      if ((await openTasks(boss, transaction, run, wantedDeviceId)).length > 0) return;
      const stage = await nextStage(transaction, run);
      if (stage) await sendStage(boss, transaction, { run, stage }, wantedDeviceId);
    });
  }
}
