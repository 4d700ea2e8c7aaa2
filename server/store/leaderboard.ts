/** Finished runs with what they measured on test. */
import type { Database } from './database.ts';

/** Runs of one statement; all of them are read. */
const together = 500;

const oneBatch = ({ prisma }: Database, dataset: string, before: number | undefined) =>
  prisma.run.findMany({
    where: {
      ...(before === undefined ? {} : { id: { lt: before } }),
      state: 'FINISHED',
      kind: { in: ['RIFT', 'TRAINING', 'EVALUATION'] },
      deletedAt: null,
      evaluations: { some: { dataset, split: 'test', checkpointId: { not: null } } },
    },
    select: {
      id: true,
      kind: true,
      config: true,
      checkpoints: {
        select: {
          label: true,
          checkpoint: {
            select: {
              id: true,
              architecture: true,
              architectureOptions: true,
              variant: true,
              chosenOn: true,
              trainedHere: true,
              baseId: true,
            },
          },
        },
      },
      evaluations: { where: { dataset, split: 'test' }, orderBy: { id: 'asc' }, omit: { outcomes: true } },
    },
    orderBy: { id: 'desc' },
    take: together,
  });

export type FinishedRun = Awaited<ReturnType<typeof oneBatch>>[number];

/** Newest first. dataset: canonical name. */
export async function finishedRuns(database: Database, dataset: string): Promise<FinishedRun[]> {
  const runs: FinishedRun[] = [];
  for (;;) {
    const batch = await oneBatch(database, dataset, runs.at(-1)?.id);
    runs.push(...batch);
    if (batch.length < together) return runs;
  }
}
