/** Metric summaries and downsampled series. Points are written by server/store/recording.ts. */
import type { Database } from './database.ts';

export interface MetricSummaryRecord {
  runId: number;
  key: string;
  last: number;
  lastStep: number;
  min: number;
  max: number;
  count: number;
}

export interface SeriesPointRecord {
  step: number;
  mean: number;
  min: number;
  max: number;
  at: Date;
}

export interface SeriesRecord {
  key: string;
  /** Points in the range, before they were merged into buckets. */
  total: number;
  points: SeriesPointRecord[];
}

export interface MetricPointRecord {
  key: string;
  step: number;
  value: number;
  at: Date;
}

const finite = (value: string) => `${value} BETWEEN '-1.7976931348623157e308'::float8 AND '1.7976931348623157e308'::float8`;

/** A last value that is NaN or infinite has no place in JSON: the last finite one stands for it, and a series without one is left out. */
const summaryStatement = `
  SELECT s."runId", k."name" AS "key", l."value" AS "last", l."step"::float8 AS "lastStep",
         coalesce(s."min", l."value") AS "min", coalesce(s."max", l."value") AS "max", s."count"::float8 AS "count"
    FROM "MetricSummary" s
    JOIN "MetricKey" k ON k."id" = s."keyId"
   CROSS JOIN LATERAL (
     SELECT s."last" AS "value", s."lastStep" AS "step" WHERE ${finite('s."last"')}
     UNION ALL
     (SELECT p."value", p."step" FROM "MetricPoint" p
       WHERE NOT (${finite('s."last"')}) AND p."runId" = s."runId" AND p."keyId" = s."keyId" AND ${finite('p."value"')}
       ORDER BY p."step" DESC LIMIT 1)
   ) l
   WHERE s."runId" = ANY($1) AND ($2::text[] IS NULL OR k."name" = ANY($2))
   ORDER BY k."name"`;

/** Summaries of these runs; of these keys, where keys are given. */
export async function summariesOfRuns({ pool }: Database, runs: readonly number[], keys: readonly string[] | null) {
  const { rows } = await pool.query<MetricSummaryRecord>(summaryStatement, [runs, keys]);
  return rows;
}

export interface SeriesRange {
  keys: readonly string[];
  maxPoints: number;
  fromStep: number | null;
  toStep: number | null;
}

interface BucketRow {
  key: string;
  total: number;
  step: number | null;
  mean: number | null;
  min: number | null;
  max: number | null;
  at: Date | null;
}

/** Steps are cut into at most maxPoints ranges of equal width; each row is one range that has points, at its first step. */
const bucketStatement = `
  WITH wanted AS (
    SELECT p."keyId", k."name" AS "key", p."step", p."value", p."at"
      FROM "MetricPoint" p JOIN "MetricKey" k ON k."id" = p."keyId"
     WHERE p."runId" = $1 AND k."name" = ANY($2)
       AND ($3::bigint IS NULL OR p."step" >= $3) AND ($4::bigint IS NULL OR p."step" <= $4)
       AND ${finite('p."value"')}
  ), extent AS (
    SELECT "keyId", min("step") AS "first", greatest(max("step") - min("step") + 1, 1) AS "width", count(*) AS "total"
      FROM wanted GROUP BY "keyId"
  )
  SELECT w."key", max(e."total")::float8 AS "total", min(w."step")::float8 AS "step", avg(w."value") AS "mean",
         min(w."value") AS "min", max(w."value") AS "max", max(w."at") AS "at"
    FROM wanted w JOIN extent e USING ("keyId")
   GROUP BY w."key", CASE WHEN e."total" <= $5 THEN w."step" ELSE (w."step" - e."first") * $5 / e."width" END
   ORDER BY w."key", min(w."step")`;

/** At most maxPoints buckets a key, in order of step; keys without points come with none. */
export async function readSeries({ pool }: Database, run: number, range: SeriesRange): Promise<SeriesRecord[]> {
  const { rows } = await pool.query<BucketRow>(bucketStatement, [run, range.keys, range.fromStep, range.toStep, range.maxPoints]);
  return range.keys.map((key) => {
    const buckets = rows.filter((row) => row.key === key);
    return { key, total: buckets[0]?.total ?? 0, points: buckets.map((row) => row as unknown as SeriesPointRecord) };
  });
}

/** The points of these keys between two steps, both included, for live updates; at most `most`. */
export async function readPoints({ pool }: Database, run: number, keys: readonly number[], from: number, to: number, most: number) {
  const { rows } = await pool.query<MetricPointRecord>(
    `SELECT k."name" AS "key", p."step"::float8 AS "step", p."value", p."at"
       FROM "MetricPoint" p JOIN "MetricKey" k ON k."id" = p."keyId"
      WHERE p."runId" = $1 AND p."keyId" = ANY($2) AND p."step" BETWEEN $3 AND $4
        AND ${finite('p."value"')}
      ORDER BY p."step", k."name" LIMIT $5`,
    [run, keys, from, to, most],
  );
  return rows;
}
