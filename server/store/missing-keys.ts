/** Names in a filter or an order that no run has. They are no mistake for certain, a run may bring them yet: so they get a hint, no error. */
import type { Database } from './database.ts';
import type { Expression, FieldName } from './filter/expression.ts';
import { parseField, parseFilter } from './filter/grammar.ts';
import { nearest } from './filter/nearest.ts';
import type { OrderKey } from './order.ts';
import { fieldName } from './run-fields.ts';

export interface MissingKey {
  /** As the filter language writes it: metrics.robsut. */
  name: string;
  /** Names that some runs have, the likest first. */
  nearest: string[];
}

const mostKeys = 20;
const mostNames = 5000;

const missingStatement = `
  SELECT w."bag", w."key" FROM unnest($1::text[], $2::text[]) w("bag", "key")
   WHERE NOT CASE w."bag"
     WHEN 'metrics' THEN EXISTS (SELECT FROM "MetricKey" k JOIN "MetricSummary" s ON s."keyId" = k."id" WHERE k."name" = w."key")
     WHEN 'params' THEN EXISTS (SELECT FROM "RunParam" p WHERE p."key" = w."key")
     ELSE EXISTS (SELECT FROM "RunTag" t WHERE t."key" = w."key") END`;

/** Steps from one key of the index to the next, so that it costs as many rows as there are keys. */
const keysOf = (table: string) => `
  (WITH RECURSIVE found("key") AS (
    SELECT min("key") FROM "${table}"
    UNION ALL
    SELECT (SELECT min(t."key") FROM "${table}" t WHERE t."key" > found."key") FROM found WHERE found."key" IS NOT NULL
  ) SELECT "key" FROM found WHERE "key" IS NOT NULL LIMIT ${mostNames})`;

const namesStatement = `
  SELECT 'metrics' AS "bag", "name" AS "key" FROM (SELECT "name" FROM "MetricKey" ORDER BY "name" LIMIT ${mostNames}) k
  UNION ALL SELECT 'params', "key" FROM ${keysOf('RunParam')} p
  UNION ALL SELECT 'tags', "key" FROM ${keysOf('RunTag')} t`;

interface Key {
  bag: string;
  key: string;
}

/** filter and order have been compiled before: what they name is in the vocabulary. */
export async function findMissingKeys({ pool }: Database, filter: string | null, order: readonly OrderKey[]): Promise<MissingKey[]> {
  const named = [...(filter?.trim() ? fieldsOf(parseFilter(filter)) : []), ...order.map(({ by }) => parseField(by))];
  const keys = named.flatMap(({ root, key }) => (key === null ? [] : [{ bag: root.toLowerCase(), key }])).slice(0, mostKeys);
  if (keys.length === 0) return [];
  const bags = keys.map(({ bag }) => bag);
  const missing = await pool.query<Key>(missingStatement, [bags, keys.map(({ key }) => key)]);
  if (missing.rows.length === 0) return [];
  const known = await pool.query<Key>(namesStatement);
  const found = missing.rows.map(({ bag, key }) => ({ name: fieldName(bag, key), nearest: namesLike({ bag, key }, known.rows) }));
  return [...new Map(found.map((one) => [one.name, one])).values()];
}

/** In the same bag, where it has any; a param may have been meant for a metric. */
function namesLike({ bag, key }: Key, known: readonly Key[]): string[] {
  const within = (own: readonly Key[]) => {
    const names = new Map(own.map((one) => [one.key, fieldName(one.bag, one.key)]));
    return nearest(key, names.keys()).map((name) => names.get(name) as string);
  };
  const same = within(known.filter((one) => one.bag === bag));
  return same.length > 0 ? same : within(known.filter((one) => one.bag !== bag));
}

function fieldsOf(expression: Expression): FieldName[] {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return expression.parts.flatMap(fieldsOf);
    case 'not':
      return fieldsOf(expression.part);
    default:
      return [expression.field];
  }
}
