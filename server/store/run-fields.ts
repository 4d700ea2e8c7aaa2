/** The names that filters, orders and columns can use. */
import type { Database } from './database.ts';

export interface RunFieldRecord {
  /** As the filter language writes it: created, metrics.robust, params.`odd key`. */
  name: string;
  /** time, text, number, or choice of a few words. */
  type: string;
  /** Runs that have it. */
  runs: number;
}

/** Runs that count; deleted ones are few, so they are what is looked up. */
const counted = (run: string) => `
  ($1::int IS NULL OR ${run} IN (SELECT "id" FROM "Run" WHERE "projectId" = $1))
  AND ${run} NOT IN (SELECT "id" FROM "Run" WHERE "deletedAt" IS NOT NULL)`;

const statement = `
  SELECT 'metrics' AS "bag", k."name" AS "key", 'number' AS "type", c."runs"
    FROM "MetricKey" k
    JOIN (SELECT s."keyId", count(*)::int AS "runs" FROM "MetricSummary" s WHERE ${counted('s."runId"')} GROUP BY s."keyId") c
      ON c."keyId" = k."id"
   WHERE starts_with('metrics.' || k."name", $2) AND strpos(lower('metrics.' || k."name"), lower($4)) > 0
  UNION ALL
  SELECT 'params', p."key", CASE WHEN bool_and(p."number" IS NOT NULL) THEN 'number' ELSE 'text' END, count(*)::int
    FROM "RunParam" p WHERE starts_with('params.' || p."key", $2) AND strpos(lower('params.' || p."key"), lower($4)) > 0 AND ${counted('p."runId"')} GROUP BY p."key"
  UNION ALL
  SELECT 'tags', t."key", CASE WHEN bool_and(t."number" IS NOT NULL) THEN 'number' ELSE 'text' END, count(*)::int
    FROM "RunTag" t WHERE starts_with('tags.' || t."key", $2) AND strpos(lower('tags.' || t."key"), lower($4)) > 0 AND ${counted('t."runId"')} GROUP BY t."key"
  ORDER BY 1, 2 LIMIT $3`;

const columnStatement = `
  SELECT count(*)::int AS "all", count("startedAt")::int AS "started", count("finishedAt")::int AS "finished"
    FROM "Run" WHERE "deletedAt" IS NULL AND ($1::int IS NULL OR "projectId" = $1)`;

/** Needs no quotes: what the grammar reads as one word. */
const plainKey = /^[\p{L}\p{M}\p{N}_]+(?:[./:-][\p{L}\p{M}\p{N}_]+)*$/u;

/** `metrics.robust`, or with quotes around an odd key. */
export const fieldName = (bag: string, key: string) => `${bag}.${plainKey.test(key) ? key : `\`${key.replaceAll('`', '``')}\``}`;

export interface FieldChoice {
  prefix: string;
  /** What a name contains, in whatever case. */
  search: string;
  first: number;
}

export async function listRunFields({ pool }: Database, project: number | null, choice: FieldChoice): Promise<RunFieldRecord[]> {
  const { prefix, search, first } = choice;
  const columns = await pool.query<{ all: number; started: number; finished: number }>(columnStatement, [project]);
  const { all = 0, started = 0, finished = 0 } = columns.rows[0] ?? {};
  const own: RunFieldRecord[] = [
    { name: 'created', type: 'time', runs: all },
    { name: 'finished', type: 'time', runs: finished },
    { name: 'kind', type: 'choice', runs: all },
    { name: 'name', type: 'text', runs: all },
    { name: 'project', type: 'text', runs: all },
    { name: 'started', type: 'time', runs: started },
    { name: 'state', type: 'choice', runs: all },
  ];
  const { rows } = await pool.query<{ bag: string; key: string; type: string; runs: number }>(statement, [project, prefix, first, search]);
  const keyed = rows.map(({ bag, key, type, runs }) => ({ name: fieldName(bag, key), type, runs }));
  return [...own.filter(({ name }) => name.startsWith(prefix) && name.includes(search.toLowerCase())), ...keyed].slice(0, first);
}
