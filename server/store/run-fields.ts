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

const statement = `
  WITH listed AS (
    SELECT r."id" FROM "Run" r WHERE r."deletedAt" IS NULL AND ($1::int IS NULL OR r."projectId" = $1)
  )
  SELECT * FROM (
    SELECT 'metrics' AS "bag", k."name" AS "key", 'number' AS "type", count(*)::int AS "runs"
      FROM "MetricSummary" s JOIN listed l ON l."id" = s."runId" JOIN "MetricKey" k ON k."id" = s."keyId" GROUP BY k."name"
    UNION ALL
    SELECT 'params', p."key", CASE WHEN bool_and(p."number" IS NOT NULL) THEN 'number' ELSE 'text' END, count(*)::int
      FROM "RunParam" p JOIN listed l ON l."id" = p."runId" GROUP BY p."key"
    UNION ALL
    SELECT 'tags', t."key", 'text', count(*)::int
      FROM "RunTag" t JOIN listed l ON l."id" = t."runId" GROUP BY t."key"
  ) keys
  WHERE starts_with("bag" || '.' || "key", $2)
  ORDER BY "bag", "key" LIMIT $3`;

const columnStatement = `
  SELECT count(*)::int AS "all", count("startedAt")::int AS "started", count("finishedAt")::int AS "finished"
    FROM "Run" WHERE "deletedAt" IS NULL AND ($1::int IS NULL OR "projectId" = $1)`;

const plainKey = /^\w+(?:[./:-]\w+)*$/;

export async function listRunFields({ pool }: Database, project: number | null, prefix: string, first: number): Promise<RunFieldRecord[]> {
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
  const { rows } = await pool.query<{ bag: string; key: string; type: string; runs: number }>(statement, [project, prefix, first]);
  const keyed = rows.map(({ bag, key, type, runs }) => ({
    name: `${bag}.${plainKey.test(key) ? key : `\`${key.replaceAll('`', '``')}\``}`,
    type,
    runs,
  }));
  return [...own.filter(({ name }) => name.startsWith(prefix)), ...keyed].slice(0, first);
}
