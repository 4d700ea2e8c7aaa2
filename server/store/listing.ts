/** A filtered, ordered, paged list of one table's ids. */
import { BadInputError } from '../errors.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { Database } from './database.ts';
import { sqlStateOf } from './failure.ts';
import { compileFilter, Parameters } from './filter/compile.ts';
import type { Vocabulary } from './filter/vocabulary.ts';
import { afterSql, type OrderKey, orderBySql, type SortKey, sortKeys } from './order.ts';
import type { Page } from './records.ts';

export interface Listing {
  table: '"Run"' | '"Checkpoint"';
  vocabulary: Vocabulary;
  /** Conditions that the caller sets, on the alias r; each gets the parameters of the statement. */
  where: ((parameters: Parameters) => string)[];
  filter: string | null;
  order: readonly OrderKey[];
  first: number;
  after: string | null;
}

type Choice = Pick<Listing, 'table' | 'vocabulary' | 'where' | 'filter'>;

function whereSql({ vocabulary, where, filter }: Choice, parameters: Parameters): string {
  const conditions = where.map((condition) => condition(parameters));
  if (filter?.trim()) conditions.push(withPath(() => compileFilter(filter, vocabulary, parameters)));
  return conditions.length === 0 ? 'true' : conditions.join(' AND ');
}

function withPath<Result>(compile: () => Result): Result {
  try {
    return compile();
  } catch (error) {
    if (error instanceof BadInputError) throw new BadInputError(error.message, ['filter']);
    throw error;
  }
}

export async function listIds({ pool }: Database, listing: Listing): Promise<Page<number>> {
  const parameters = new Parameters();
  const keys = sortKeys(listing.order, listing.vocabulary, parameters);
  const where = whereSql(listing, parameters);
  const list = [listing.table, listing.where.map((condition) => condition(new Parameters())), listing.filter?.trim() ?? '', listing.order];
  const after = listing.after === null ? 'true' : afterSql(keys, placeOf(list, keys, listing.after), parameters);
  const statement = `
    WITH listed AS (
      SELECT r."id" AS row_id, ${keys.map(({ sql }, index) => `${sql} AS s${index}`).join(', ')}
        FROM ${listing.table} r WHERE ${where}
    )
    SELECT row_id, ${keys.map((_, index) => `s${index}::text AS t${index}`).join(', ')}
      FROM listed WHERE ${after} ORDER BY ${orderBySql(keys)} LIMIT ${listing.first + 1}`;
  const { rows } = await pool.query<Record<string, string | null> & { row_id: number }>(statement, parameters.values).catch((error) => {
    throw listing.after !== null && sqlStateOf(error)?.startsWith('22') ? noCursor() : error;
  });
  const items = rows.slice(0, listing.first);
  return {
    items: items.map((row) => row.row_id),
    cursors: items.map((row) => encodeCursor(list, valuesOf(keys, row))),
    hasNextPage: rows.length > listing.first,
    hasPreviousPage: listing.after !== null,
  };
}

const noCursor = () => new BadInputError('This is not a cursor that an earlier page returned.', ['after']);

/** The sort values that a cursor stands for. */
function placeOf(list: unknown, keys: readonly SortKey[], cursor: string): (string | null)[] {
  const values = decodeCursor(list, cursor);
  if (values.length === keys.length) return values;
  throw noCursor();
}

const valuesOf = (keys: readonly SortKey[], row: Record<string, unknown>) => keys.map((_, index) => row[`t${index}`] as string | null);

export async function countRows({ pool }: Database, choice: Choice): Promise<number> {
  const parameters = new Parameters();
  const where = whereSql(choice, parameters);
  const { rows } = await pool.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM ${choice.table} r WHERE ${where}`,
    parameters.values,
  );
  return rows[0]?.count ?? 0;
}
