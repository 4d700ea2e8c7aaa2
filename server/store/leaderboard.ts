/** Finished runs with what they measured on test. */
import type { Trust } from '../../engine/config.ts';
import { corruptionSource } from '../../engine/index.ts';
import type { Database } from './database.ts';

/** Runs of one statement; all of them are read. */
const together = 2000;

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
      evaluations: {
        where: { dataset, split: 'test', suite: { not: 'OOD' } },
        orderBy: { id: 'asc' },
        select: {
          ...{ id: true, checkpointId: true, suite: true, attack: true, images: true, correct: true },
          ...{ protocol: true, fingerprint: true, trust: true, findings: true },
        },
      },
    },
    orderBy: { id: 'desc' },
    take: together,
  });

/** What a run measured of a checkpoint on corrupted images, the newest of every corruption and severity together. */
export interface Corrupted {
  runId: number;
  checkpointId: number;
  /** Mean over the corruptions and severities; null without images. */
  accuracy: number | null;
  corruptions: (string | null)[];
  severities: (number | null)[];
  /** How the protocols name where the corruptions come from. */
  sources: string[];
  trust: Trust[];
  findings: string[];
  /** Of the evaluation, where it is one alone. */
  evaluationId: number | null;
}

/** There are dozens a checkpoint: they are added up where they lie. */
const corruptedStatement = `
  SELECT "runId", "checkpointId",
    avg(correct::float8 / images) FILTER (WHERE images > 0) AS accuracy,
    array_agg(DISTINCT corruption) AS corruptions,
    array_agg(DISTINCT severity) AS severities,
    array_agg(DISTINCT source) AS sources,
    array_agg(DISTINCT trust::text) AS trust,
    coalesce(jsonb_agg(findings) FILTER (WHERE findings <> '{}'), '[]') AS findings,
    CASE WHEN count(*) = 1 THEN min(id) END AS "evaluationId"
  FROM (
    SELECT DISTINCT ON ("runId", "checkpointId", corruption, severity)
      id, "runId", "checkpointId", corruption, severity, correct, images, trust, findings,
      coalesce(substring(protocol FROM $3), 'corruption as logged') AS source
    FROM "Evaluation"
    WHERE "runId" = ANY($1::int[]) AND dataset = $2 AND split = 'test' AND suite = 'OOD' AND "checkpointId" IS NOT NULL
    ORDER BY "runId", "checkpointId", corruption, severity, id DESC
  ) newest
  GROUP BY "runId", "checkpointId"`;

async function corruptedOf({ pool }: Database, dataset: string, runs: readonly number[]): Promise<Map<number, Corrupted[]>> {
  const { rows } = await pool.query<Omit<Corrupted, 'findings'> & { findings: string[][] }>(corruptedStatement, [
    runs,
    dataset,
    corruptionSource,
  ]);
  const byRun = new Map<number, Corrupted[]>(runs.map((run) => [run, []]));
  for (const row of rows) byRun.get(row.runId)?.push({ ...row, findings: [...new Set(row.findings.flat())] });
  return byRun;
}

export type FinishedRun = Awaited<ReturnType<typeof oneBatch>>[number] & { corrupted: Corrupted[] };

/** Newest first. dataset: canonical name. */
export async function finishedRuns(database: Database, dataset: string): Promise<FinishedRun[]> {
  const runs: FinishedRun[] = [];
  for (;;) {
    const batch = await oneBatch(database, dataset, runs.at(-1)?.id);
    const corrupted = await corruptedOf(
      database,
      dataset,
      batch.map(({ id }) => id),
    );
    runs.push(...batch.map((run) => ({ ...run, corrupted: corrupted.get(run.id) ?? [] })));
    if (batch.length < together) return runs;
  }
}
