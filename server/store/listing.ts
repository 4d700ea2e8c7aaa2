/** A filtered, ordered, paged list of one table's ids. */
import { BadInputError } from '../errors.ts';
import { decodeCursor, encodeCursor, wrongCursor } from './cursor.ts';
import type { Database } from './database.ts';
import { sqlStateOf } from './failure.ts';
import { compileFilter, Parameters } from './filter/compile.ts';
import type { Vocabulary } from './filter/vocabulary.ts';
import { beyondSql, type OrderKey, orderBySql, type SortKey, sortKeys } from './order.ts';
import type { Page } from './records.ts';

export interface Listing {
  table: '"Run"' | '"Checkpoint"';
  vocabulary: Vocabulary;
  /** Conditions that the caller sets, on the alias r; each gets the parameters of the statement. */
  where: ((parameters: Parameters) => string)[];
  filter: string | null;
  order: readonly OrderKey[];
  /** Length of the page. */
  length: number;
  /** Cursor that the page begins after, or that it ends before; the list's beginning when null. */
  edge: { after: string } | { before: string } | null;
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
  const { edge, length } = listing;
  const way = edge && 'before' in edge ? 'back' : 'onward';
  const within = edge === null ? 'true' : beyondSql(keys, placeOf(list, keys, edge), way, parameters);
  const statement = `
    WITH listed AS (
      SELECT r."id" AS row_id, ${keys.map(({ sql }, index) => `${sql} AS s${index}`).join(', ')}
        FROM ${listing.table} r WHERE ${where}
    )
    SELECT row_id, ${keys.map((_, index) => `s${index}::text AS t${index}`).join(', ')}
      FROM listed WHERE ${within} ORDER BY ${orderBySql(keys, way)} LIMIT ${length + 1}`;
  const { rows } = await pool.query<Record<string, string | null> & { row_id: number }>(statement, parameters.values).catch((error) => {
    throw edge !== null && sqlStateOf(error)?.startsWith('22') ? wrongCursor(argumentOf(edge)) : error;
  });
  const page = rows.slice(0, length);
  if (way === 'back') page.reverse();
  const isMore = rows.length > length;
  return {
    items: page.map((row) => row.row_id),
    cursors: page.map((row) => encodeCursor(list, valuesOf(keys, row))),
    hasNextPage: way === 'back' || isMore,
    hasPreviousPage: way === 'back' ? isMore : edge !== null,
  };
}

type Edge = NonNullable<Listing['edge']>;

const argumentOf = (edge: Edge) => ('before' in edge ? 'before' : 'after');

/** The sort values that a cursor stands for. */
function placeOf(list: unknown, keys: readonly SortKey[], edge: Edge): (string | null)[] {
  const values = decodeCursor(list, 'before' in edge ? edge.before : edge.after, argumentOf(edge));
  if (values.length === keys.length) return values;
  throw wrongCursor(argumentOf(edge));
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
