/** Finished runs with what they measured on test. */
import type { Database } from './database.ts';

const mostRuns = 1000;

/** Newest first. dataset: canonical name. */
export function finishedRuns({ prisma }: Database, dataset: string) {
  return prisma.run.findMany({
    where: {
      state: 'FINISHED',
      kind: { in: ['RIFT', 'TRAINING'] },
      deletedAt: null,
      evaluations: { some: { dataset, split: 'test', checkpointId: { not: null } } },
    },
    include: {
      checkpoints: { include: { checkpoint: { omit: { modules: true } } } },
      evaluations: { where: { dataset, split: 'test' }, orderBy: { id: 'asc' }, omit: { outcomes: true } },
    },
    orderBy: { id: 'desc' },
    take: mostRuns,
  });
}

export type FinishedRun = Awaited<ReturnType<typeof finishedRuns>>[number];
