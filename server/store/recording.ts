/** What a running stage records. Sent again, nothing changes. */
import type { Trust } from '../../engine/config.ts';
import type { EvaluationResult, LogLevel, MetricPoint, MrcScore, SweepPoint } from '../../engine/recorder.ts';
import type { Transaction } from './database.ts';
import type { Prisma } from './generated/client.ts';
import { notify } from './notifications.ts';
import { packOutcomes } from './outcomes.ts';

/**
 * Keeps the points that are new, in one statement with their summaries. A step that was recorded before keeps its value.
 * A summary's minimum and maximum leave out NaN and infinities; its last value does not.
 */
export async function recordMetrics(transaction: Transaction, run: number, points: readonly MetricPoint[]): Promise<void> {
  if (points.length === 0) return;
  const names = points.map(({ key }) => key);
  // As text, because a NaN would travel as null.
  const values = points.map(({ value }) => String(value));
  await transaction.$executeRaw`
    INSERT INTO "MetricKey" ("name") SELECT DISTINCT unnest(${names}::text[]) ORDER BY 1 ON CONFLICT DO NOTHING`;
  const inserted = await transaction.$queryRaw<{ keyId: number; fromStep: bigint; toStep: bigint }[]>`
    WITH inserted AS (
      INSERT INTO "MetricPoint" ("runId", "keyId", "step", "value", "at")
      SELECT ${run}::int, key."id", given."step", given."value", now()
      FROM unnest(${names}::text[], ${points.map(({ step }) => step)}::bigint[], ${values}::text[]::float8[])
        AS given("name", "step", "value")
      JOIN "MetricKey" key ON key."name" = given."name"
      ON CONFLICT DO NOTHING
      RETURNING "keyId", "step", "value"
    ), summary AS (
      SELECT "keyId", count(*) AS "count", min("step") AS "fromStep", max("step") AS "toStep",
        (array_agg("value" ORDER BY "step" DESC))[1] AS "last",
        min("value") FILTER (WHERE "value" NOT IN ('NaN', 'Infinity', '-Infinity')) AS "min",
        max("value") FILTER (WHERE "value" NOT IN ('NaN', 'Infinity', '-Infinity')) AS "max"
      FROM inserted GROUP BY "keyId"
    ), written AS (
      INSERT INTO "MetricSummary" AS old ("runId", "keyId", "last", "lastStep", "min", "max", "count")
      SELECT ${run}::int, "keyId", "last", "toStep", "min", "max", "count" FROM summary
      ON CONFLICT ("runId", "keyId") DO UPDATE SET
        "last" = CASE WHEN excluded."lastStep" > old."lastStep" THEN excluded."last" ELSE old."last" END,
        "lastStep" = greatest(excluded."lastStep", old."lastStep"),
        "min" = least(excluded."min", old."min"), "max" = greatest(excluded."max", old."max"),
        "count" = old."count" + excluded."count"
    )
    SELECT "keyId", "fromStep", "toStep" FROM summary ORDER BY "keyId"`;
  if (inserted.length === 0) return;
  await notify(transaction, {
    type: 'metricsLogged',
    run,
    keys: inserted.map(({ keyId }) => keyId),
    fromStep: Math.min(...inserted.map(({ fromStep }) => Number(fromStep))),
    toStep: Math.max(...inserted.map(({ toStep }) => Number(toStep))),
  });
}

export interface Line {
  text: string;
  level: LogLevel;
  at: Date;
}

/** Numbers the lines on from the last one. The caller holds the run, so that no two writers number at once. */
export async function recordLines(transaction: Transaction, run: number, lines: readonly Line[]): Promise<void> {
  if (lines.length === 0) return;
  const { _max } = await transaction.logLine.aggregate({ where: { runId: run }, _max: { seq: true } });
  const first = Number(_max.seq ?? 0n) + 1;
  await transaction.logLine.createMany({ data: lines.map((line, index) => ({ runId: run, seq: first + index, ...line })) });
  await notify(transaction, { type: 'linesLogged', run, fromSeq: first, toSeq: first + lines.length - 1 });
}

/** A param of the run that its device decided; the last value counts. */
export async function recordSetting(transaction: Transaction, run: number, key: string, number: number): Promise<void> {
  const value = { value: String(number) };
  await transaction.runParam.upsert({ where: { runId_key: { runId: run, key } }, update: value, create: { runId: run, key, ...value } });
  await notify(transaction, { type: 'runChanged', run });
}

/** position: the module's place in network order. A score takes the place of its lower bound. */
export async function recordMrcScore(transaction: Transaction, run: number, score: MrcScore, position: number): Promise<void> {
  await transaction.mrcScore.updateMany({ where: { runId: run, module: score.module, complete: false }, data: score });
  await transaction.mrcScore.createMany({ data: [{ runId: run, position, ...score }], skipDuplicates: true });
  await notify(transaction, { type: 'mrcScored', run, module: score.module });
}

/** base and tuned: the checkpoints that the sweep lies between. modules: where they differ. */
export interface SweepAbout {
  baseId: number | null;
  tunedId: number | null;
  modules: string[];
}

export async function openSweep(transaction: Transaction, run: number, about: SweepAbout): Promise<void> {
  await transaction.interpolationSweep.upsert({ where: { runId: run }, update: about, create: { runId: run, ...about } });
}

/** A point whose robust accuracy was not known takes it. Throws when the run has no sweep: openSweep comes first. */
export async function recordSweepPoint(transaction: Transaction, run: number, point: SweepPoint): Promise<void> {
  const { id } = await transaction.interpolationSweep.findUniqueOrThrow({ where: { runId: run }, select: { id: true } });
  await transaction.sweepPoint.updateMany({ where: { sweepId: id, alpha: point.alpha, robust: null }, data: point });
  await transaction.sweepPoint.createMany({ data: [{ sweepId: id, ...point }], skipDuplicates: true });
  await notify(transaction, { type: 'sweepPointScored', run, alpha: point.alpha });
}

/** What is kept of an evaluation; its outcomes only where it was measured here. */
export type KeptEvaluation = Omit<EvaluationResult, 'attack' | 'outcomes'> & { attack?: object; outcomes?: Uint8Array };

/** One row for a run, a checkpoint and a fingerprint. */
export async function recordEvaluation(transaction: Transaction, run: number, checkpoint: number, result: KeptEvaluation): Promise<void> {
  const { attack, outcomes, ...counted } = result;
  const [added] = await transaction.evaluation.createManyAndReturn({
    data: {
      ...counted,
      attack: attack as Prisma.InputJsonValue | undefined,
      outcomes: outcomes && packOutcomes(outcomes),
      runId: run,
      checkpointId: checkpoint,
    },
    skipDuplicates: true,
    select: { id: true },
  });
  if (added) await notify(transaction, { type: 'evaluated', run, evaluation: added.id });
}

export async function recordedScores(transaction: Transaction, run: number): Promise<MrcScore[]> {
  const rows = await transaction.mrcScore.findMany({ where: { runId: run }, orderBy: { position: 'asc' } });
  return rows.map(({ module, complete, score, robustLoss, perturbedLoss, epsilon, norm, losses }) => ({
    module,
    complete,
    score,
    robustLoss: robustLoss ?? Number.NaN,
    perturbedLoss: perturbedLoss ?? Number.NaN,
    epsilon: epsilon ?? Number.NaN,
    norm: norm as MrcScore['norm'],
    losses,
  }));
}

export async function recordedPoints(transaction: Transaction, run: number): Promise<SweepPoint[]> {
  const rows = await transaction.sweepPoint.findMany({ where: { sweep: { runId: run } }, orderBy: { alpha: 'asc' } });
  return rows.map(({ alpha, standard, robust, ood, images, split, trust, findings }) => ({
    alpha,
    standard: standard ?? Number.NaN,
    robust,
    ood: ood ?? undefined,
    images,
    split: split as SweepPoint['split'],
    trust,
    findings,
  }));
}

export interface RecordedEvaluation {
  checkpoint: number | null;
  suite: EvaluationResult['suite'];
  split: string;
  attack: unknown;
  corruption: string | null;
  severity: number | null;
  fingerprint: string;
  trust: Trust;
  images: number;
  correct: number;
}

/** The oldest first. */
export async function recordedEvaluations(transaction: Transaction, run: number): Promise<RecordedEvaluation[]> {
  const rows = await transaction.evaluation.findMany({ where: { runId: run }, orderBy: { id: 'asc' }, omit: { outcomes: true } });
  return rows.map(({ checkpointId, ...row }) => ({ ...row, checkpoint: checkpointId }));
}
