/** Soft deletion of runs: the row stays, with the time; lists leave it out until it is restored or purged. */
import type { Transaction } from './database.ts';
import type { RunState } from './records.ts';

/** Conditions of a list whose rows are called r. */
export const liveRun = 'r."deletedAt" IS NULL';
export const deletedRun = 'r."deletedAt" IS NOT NULL';

/** Weights that a deleted run made are listed as long as a live one uses them. */
export const liveCheckpoint = `(
  NOT EXISTS (SELECT FROM "Run" p WHERE p."id" = r."producedById" AND p."deletedAt" IS NOT NULL)
  OR EXISTS (SELECT FROM "RunCheckpoint" c JOIN "Run" u ON u."id" = c."runId" WHERE c."checkpointId" = r."id" AND u."deletedAt" IS NULL))`;

export interface DeletableRun {
  id: number;
  name: string;
  state: RunState;
  deletedAt: Date | null;
}

/** Holds the runs until the transaction ends, in the order of their ids, so that two callers never wait for each other. */
export const lockRuns = (transaction: Transaction, ids: readonly number[]) =>
  transaction.$queryRaw<DeletableRun[]>`
    SELECT "id", "name", "state"::text AS "state", "deletedAt" FROM "Run" WHERE "id" = ANY(${ids}::int[]) ORDER BY "id" FOR NO KEY UPDATE`;

/** at: the time of deletion; null restores. */
export async function markDeleted(transaction: Transaction, ids: readonly number[], at: Date | null): Promise<void> {
  await transaction.run.updateMany({ where: { id: { in: [...ids] } }, data: { deletedAt: at } });
}
