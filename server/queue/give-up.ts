/** Stages whose worker died every time end their run. */
import type { Database } from '../store/database.ts';
import { failRun, lockRun } from '../store/stages.ts';
import { type Boss, within } from './boss.ts';
import { cancelStages } from './cancel-stages.ts';
import { releaseWaiting } from './next-stage.ts';
import { givenUpQueue } from './stage-queues.ts';
import type { StageTask } from './stage-task.ts';

/** Deleted and purged runs have ended. */
const isThere = (prisma: Database['prisma'], run: number) =>
  prisma.run.findFirst({ where: { id: run, deletedAt: null }, select: { id: true } });

/** Fails the runs of the stages that pg-boss gave up; returns how many. */
export async function failGivenUpRuns(boss: Boss, { prisma }: Database): Promise<number> {
  const jobs = await boss.fetch<StageTask>(givenUpQueue, { batchSize: 20 });
  for (const job of jobs) {
    const { run, stage } = job.data;
    if (!(await isThere(prisma, run))) {
      await boss.complete(givenUpQueue, job.id);
      continue;
    }
    await prisma.$transaction(async (transaction) => {
      const { state, wantedDeviceId } = await lockRun(transaction, run);
      await boss.complete(givenUpQueue, job.id, null, within(transaction));
      if (state === 'QUEUED' || state === 'RUNNING') {
        await cancelStages(boss, transaction, run, wantedDeviceId);
        await failRun(transaction, run, {
          message: `The stage ${stage} was given up: its worker died or fell silent every time it was tried.`,
          hint: 'Look at the memory of the machine and the log of the worker, then resume the run.',
          stage,
          resumable: true,
        });
        await releaseWaiting(boss, transaction, run);
      }
    });
  }
  return jobs.length;
}
