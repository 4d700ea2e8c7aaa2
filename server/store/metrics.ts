/** Metric summaries and downsampled series. Points are written by server/store/recording.ts. */
import type { Database } from './database.ts';

/** A value that JSON has no number for, by its name. */
export type Special = 'NaN' | 'Infinity' | '-Infinity';

export interface MetricSummaryRecord {
  runId: number;
  key: string;
  /** The last finite value and its step; 0 and the last step where no value is finite. */
  last: number;
  lastStep: number;
  min: number;
  max: number;
  count: number;
  /** What the value at the last step is where it is not finite. */
  special: Special | null;
  /** First step after the last finite value. */
  specialSince: number | null;
  /** Whether any value is finite. */
  hasNumbers: boolean;
}

export interface SeriesPointRecord {
  step: number;
  mean: number;
  min: number;
  max: number;
  at: Date;
}

/** Consecutive points that are no finite numbers, of one kind. */
export interface SpecialSpanRecord {
  key: string;
  special: Special;
  fromStep: number;
  toStep: number;
  count: number;
}

export interface SeriesRecord {
  key: string;
  /** Points in the range, before they were merged into buckets. */
  total: number;
  points: SeriesPointRecord[];
  specials: SpecialSpanRecord[];
}

export interface MetricPointRecord {
  key: string;
  step: number;
  value: number;
  at: Date;
}

const finite = (value: string) => `${value} BETWEEN '-1.7976931348623157e308'::float8 AND '1.7976931348623157e308'::float8`;

const summaryStatement = `
  SELECT s."runId", k."name" AS "key", coalesce(l."value", 0) AS "last", coalesce(l."step", s."lastStep")::float8 AS "lastStep",
         coalesce(s."min", l."value", 0) AS "min", coalesce(s."max", l."value", 0) AS "max", s."count"::float8 AS "count",
         CASE WHEN NOT (${finite('s."last"')}) THEN s."last"::text END AS "special",
         CASE WHEN NOT (${finite('s."last"')}) THEN coalesce(n."step", s."lastStep")::float8 END AS "specialSince",
         l."value" IS NOT NULL AS "hasNumbers"
    FROM "MetricSummary" s
    JOIN "MetricKey" k ON k."id" = s."keyId"
    LEFT JOIN LATERAL (
     SELECT s."last" AS "value", s."lastStep" AS "step" WHERE ${finite('s."last"')}
     UNION ALL
     (SELECT p."value", p."step" FROM "MetricPoint" p
       WHERE NOT (${finite('s."last"')}) AND p."runId" = s."runId" AND p."keyId" = s."keyId" AND ${finite('p."value"')}
       ORDER BY p."step" DESC LIMIT 1)
    ) l ON true
    LEFT JOIN LATERAL (
     SELECT p."step" FROM "MetricPoint" p
      WHERE NOT (${finite('s."last"')}) AND p."runId" = s."runId" AND p."keyId" = s."keyId" AND (l."step" IS NULL OR p."step" > l."step")
      ORDER BY p."step" LIMIT 1
    ) n ON true
   WHERE s."runId" = ANY($1) AND ($2::text[] IS NULL OR k."name" = ANY($2))
   ORDER BY k."name"`;

/** Summaries of these runs; of these keys, where keys are given. */
export async function summariesOfRuns({ pool }: Database, runs: readonly number[], keys: readonly string[] | null) {
  const { rows } = await pool.query<MetricSummaryRecord>({ name: 'summariesOfRuns', text: summaryStatement, values: [runs, keys] });
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
  /** The finite values; null where there are none. */
  step: number | null;
  mean: number | null;
  min: number | null;
  max: number | null;
  at: Date;
  specials: number;
  special: Special;
  fromStep: number;
  toStep: number;
}

/**
 * Steps are cut into at most maxPoints ranges of equal width; each row is one range that has points, with its finite values and
 * with those that are not. The mean is summed in fractions, because PostgreSQL refuses sums beyond the largest number.
 */
const bucketStatement = `
  WITH wanted AS (
    SELECT p."keyId", k."name" AS "key", p."step", p."value", p."at", ${finite('p."value"')} AS "finite"
      FROM "MetricPoint" p JOIN "MetricKey" k ON k."id" = p."keyId"
     WHERE p."runId" = $1 AND k."name" = ANY($2)
       AND ($3::bigint IS NULL OR p."step" >= $3) AND ($4::bigint IS NULL OR p."step" <= $4)
  ), extent AS (
    SELECT "keyId", min("step") AS "first", greatest(max("step") - min("step") + 1, 1) AS "width", count(*) AS "total"
      FROM wanted GROUP BY "keyId"
  ), bucket AS (
    SELECT w."key", max(e."total")::float8 AS "total", min(w."step") AS "first", max(w."at") AS "at",
           min(w."step") FILTER (WHERE w."finite")::float8 AS "step", count(*) FILTER (WHERE w."finite") AS "count",
           sum(w."value" / 2147483648) FILTER (WHERE w."finite") AS "sum",
           min(w."value") FILTER (WHERE w."finite") AS "min", max(w."value") FILTER (WHERE w."finite") AS "max",
           count(*) FILTER (WHERE NOT w."finite")::float8 AS "specials",
           min(w."step") FILTER (WHERE NOT w."finite")::float8 AS "fromStep", max(w."step") FILTER (WHERE NOT w."finite")::float8 AS "toStep",
           CASE WHEN bool_or(w."value" = 'NaN') THEN 'NaN' WHEN bool_or(w."value" = 'Infinity') THEN 'Infinity' ELSE '-Infinity' END AS "special"
      FROM wanted w JOIN extent e USING ("keyId")
     GROUP BY w."key", CASE WHEN e."total" <= $5 THEN w."step" ELSE (w."step" - e."first") * $5 / e."width" END
  )
  SELECT "key", "total", "step", CASE WHEN "count" <= 1 THEN "min" ELSE greatest("min", least("max", "sum" / "count" * 2147483648)) END AS "mean",
         "min", "max", "at", "specials", "fromStep", "toStep", "special"
    FROM bucket ORDER BY "key", "first"`;

/** Spans of values that are not finite: neighbouring buckets with such values of one kind. */
function spansOf(buckets: readonly BucketRow[]): SpecialSpanRecord[] {
  const spans: SpecialSpanRecord[] = [];
  let open: SpecialSpanRecord | undefined;
  for (const { key, special, fromStep, toStep, specials: count } of buckets) {
    if (count === 0) open = undefined;
    else if (open?.special === special) Object.assign(open, { toStep, count: open.count + count });
    else {
      open = { key, special, fromStep, toStep, count };
      spans.push(open);
    }
  }
  return spans;
}

/** At most maxPoints buckets a key, in order of step; keys without points come with none. */
export async function readSeries({ pool }: Database, run: number, range: SeriesRange): Promise<SeriesRecord[]> {
  const { rows } = await pool.query<BucketRow>(bucketStatement, [run, range.keys, range.fromStep, range.toStep, range.maxPoints]);
  return range.keys.map((key) => {
    const buckets = rows.filter((row) => row.key === key);
    const points = buckets.filter(({ step }) => step !== null).map((row) => row as unknown as SeriesPointRecord);
    return { key, total: buckets[0]?.total ?? 0, points, specials: spansOf(buckets) };
  });
}

/** The points of these keys between two steps, both included, for live updates, NaN and infinities among them; at most `most`. */
export async function readPoints({ pool }: Database, run: number, keys: readonly number[], from: number, to: number, most: number) {
  const { rows } = await pool.query<MetricPointRecord>(
    `SELECT k."name" AS "key", p."step"::float8 AS "step", p."value", p."at"
       FROM "MetricPoint" p JOIN "MetricKey" k ON k."id" = p."keyId"
      WHERE p."runId" = $1 AND p."keyId" = ANY($2) AND p."step" BETWEEN $3 AND $4
      ORDER BY p."step", k."name" LIMIT $5`,
    [run, keys, from, to, most],
  );
  return rows;
}
