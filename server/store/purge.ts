/** The end of runs that were deleted long ago: their rows, and the bytes that nothing else refers to. */
import { stat } from 'node:fs/promises';
import type { Artifacts } from './artifacts.ts';
import { recordAct } from './audit.ts';
import type { Database, Transaction } from './database.ts';
import { sqlStateOf } from './failure.ts';

/** A run with very many points takes a while. */
const longestMilliseconds = 10 * 60_000;

/** A file younger than this may be on its way into a record. */
const youngMilliseconds = 10 * 60_000;

/** The youngest first: a run uses weights of older ones, which can go once it is gone. */
export async function expiredRuns({ pool }: Database, before: Date): Promise<number[]> {
  const { rows } = await pool.query<{ id: number }>(
    `SELECT "id" FROM "Run" WHERE "deletedAt" < $1 AND "state" NOT IN ('QUEUED', 'RUNNING') ORDER BY "id" DESC LIMIT 1000`,
    [before],
  );
  return rows.map(({ id }) => id);
}

/** Purges one run in one transaction. False where it was restored, or where something that stays refers to what it made: then all of it stays. */
export async function purgeRun(database: Database, artifacts: Artifacts, run: number, before: Date): Promise<boolean> {
  try {
    const released = await database.prisma.$transaction((transaction) => removeRun(transaction, run, before), {
      timeout: longestMilliseconds,
    });
    for (const sha256 of released ?? []) await removeFile(database, artifacts, sha256);
    return released !== null;
  } catch (error) {
    if (sqlStateOf(error) === '23503') return false;
    throw error;
  }
}

/** Hashes of the artifacts whose records went with it; null where it has to stay. */
async function removeRun(transaction: Transaction, run: number, before: Date): Promise<string[] | null> {
  await transaction.$executeRaw`SET LOCAL statement_timeout = 0`;
  const held = await transaction.$queryRaw<unknown[]>`SELECT FROM "Run" WHERE "id" = ${run} AND "deletedAt" < ${before} FOR UPDATE`;
  if (held.length === 0) return null;
  const own = await transaction.checkpoint.findMany({ where: { producedById: run }, select: { id: true, artifactSha256: true } });
  const ids = own.map(({ id }) => id);
  if (await isReferenced(transaction, run, ids)) return null;
  const stages = await transaction.stage.findMany({ where: { runId: run, resumeSha256: { not: null } }, select: { resumeSha256: true } });
  await transaction.runCheckpoint.deleteMany({ where: { runId: run } });
  await transaction.interpolationSweep.deleteMany({ where: { runId: run } });
  await transaction.evaluation.deleteMany({ where: { runId: run } });
  await transaction.checkpoint.deleteMany({ where: { id: { in: ids } } });
  await transaction.metricPoint.deleteMany({ where: { runId: run } });
  await transaction.run.delete({ where: { id: run } });
  await recordAct(transaction, { userId: null, tokenId: null, action: 'purge', target: `Run-${run}`, arguments: {} });
  return releaseArtifacts(transaction, [...own.map(({ artifactSha256 }) => artifactSha256), ...stages.map((stage) => stage.resumeSha256)]);
}

/** Whether another run, deleted or not, or weights or a measurement that stay, refer to one of these checkpoints. */
async function isReferenced(transaction: Transaction, run: number, checkpoints: readonly number[]): Promise<boolean> {
  const [row] = await transaction.$queryRaw<{ referenced: boolean }[]>`
    WITH own AS (SELECT unnest(${checkpoints}::int[]) AS "id")
    SELECT EXISTS (SELECT FROM "RunCheckpoint" c JOIN own ON own."id" = c."checkpointId" WHERE c."runId" <> ${run})
        OR EXISTS (SELECT FROM "Checkpoint" c JOIN own ON own."id" = c."baseId" WHERE c."producedById" IS DISTINCT FROM ${run})
        OR EXISTS (SELECT FROM "Evaluation" e JOIN own ON own."id" = e."checkpointId" WHERE e."runId" IS DISTINCT FROM ${run})
        OR EXISTS (SELECT FROM "InterpolationSweep" s JOIN own ON own."id" IN (s."baseId", s."tunedId") WHERE s."runId" <> ${run})
        AS "referenced"`;
  return row?.referenced ?? false;
}

async function releaseArtifacts(transaction: Transaction, hashes: readonly (string | null)[]): Promise<string[]> {
  const released = await transaction.$queryRaw<{ sha256: string }[]>`
    DELETE FROM "Artifact" a WHERE a."sha256" = ANY(${hashes.filter((hash) => hash !== null)}::text[])
      AND NOT EXISTS (SELECT FROM "Checkpoint" WHERE "artifactSha256" = a."sha256")
      AND NOT EXISTS (SELECT FROM "Stage" WHERE "resumeSha256" = a."sha256")
    RETURNING a."sha256"`;
  return released.map(({ sha256 }) => sha256);
}

/** The same bytes may have been kept anew since. */
async function removeFile({ prisma }: Database, artifacts: Artifacts, sha256: string): Promise<void> {
  if (await prisma.artifact.findUnique({ where: { sha256 }, select: { sha256: true } })) return;
  const written = await artifacts.locate(sha256).then(stat, () => null);
  if (written && Date.now() - Number(written.mtimeMs) > youngMilliseconds) await artifacts.remove(sha256);
}
