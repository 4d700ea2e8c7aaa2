/** Orders of several keys, and cursors that stay in place when other rows come and go. */
import { createHash } from 'node:crypto';
import { BadInputError } from '../errors.ts';
import { bagWith, type Parameters, resolveField } from './filter/compile.ts';
import { parseField } from './filter/grammar.ts';
import type { Vocabulary } from './filter/vocabulary.ts';

export interface OrderKey {
  by: string;
  direction: 'ASC' | 'DESC';
}

/** One expression to sort by; nullable ones sort nulls last. */
export interface SortKey {
  sql: string;
  type: 'text' | 'float8' | 'timestamptz' | 'integer';
  direction: 'ASC' | 'DESC';
  nullable: boolean;
}

const unsortable = new Set(['kind', 'project']);

/** The sort keys of an order, the last one the id. Errors carry the path orderBy, position, by. */
export function sortKeys(order: readonly OrderKey[], vocabulary: Vocabulary, parameters: Parameters): SortKey[] {
  const keys = order.flatMap(({ by, direction }, position) => {
    try {
      return keysOf(by, direction, vocabulary, parameters);
    } catch (error) {
      if (error instanceof BadInputError) throw new BadInputError(error.message, ['orderBy', position, 'by']);
      throw error;
    }
  });
  return [...keys, { sql: 'r."id"', type: 'integer', direction: 'DESC', nullable: false }];
}

function keysOf(by: string, direction: OrderKey['direction'], vocabulary: Vocabulary, parameters: Parameters): SortKey[] {
  const target = resolveField(by, parseField(by), vocabulary);
  if ('column' in target) {
    const { sql, type, always } = target.column;
    if (unsortable.has(by.toLowerCase())) throw new BadInputError(`Runs cannot be ordered by "${by}".`);
    if (type === 'time') return [{ sql, type: 'timestamptz', direction, nullable: !always }];
    if (type === 'choice') return [{ sql: `array_position(enum_range(${sql}), ${sql})`, type: 'integer', direction, nullable: false }];
    return [{ sql: `lower(${sql})`, type: 'text', direction, nullable: !always }];
  }
  const from = bagWith(target.bag, target.key, parameters);
  const keys: SortKey[] = [];
  if (target.bag.number) keys.push({ sql: `(SELECT ${target.bag.number} FROM ${from})`, type: 'float8', direction, nullable: true });
  if (target.bag.text) keys.push({ sql: `(SELECT lower(${target.bag.text}) FROM ${from})`, type: 'text', direction, nullable: true });
  return keys;
}

export const orderBySql = (keys: readonly SortKey[]) =>
  keys.map((key, index) => `s${index} ${key.direction}${key.nullable ? ' NULLS LAST' : ''}`).join(', ');

/** Which rows come after the one whose sort values (as text) are these; the columns are named s0, s1, … */
export function afterSql(keys: readonly SortKey[], values: readonly (string | null)[], parameters: Parameters): string {
  const typed = keys.map(({ type }, index) => (values[index] === null ? '' : `(${parameters.add(values[index], 'text')})::${type}`));
  const same = (index: number) => (values[index] === null ? `s${index} IS NULL` : `s${index} = ${typed[index]}`);
  const alternatives = keys.flatMap(({ direction, nullable }, index) => {
    if (values[index] === null) return [];
    const beyond = `s${index} ${direction === 'ASC' ? '>' : '<'} ${typed[index]}${nullable ? ` OR s${index} IS NULL` : ''}`;
    const before = Array.from({ length: index }, (_, earlier) => same(earlier));
    return [`(${[...before, `(${beyond})`].join(' AND ')})`];
  });
  return `(${alternatives.join(' OR ')})`;
}

const signature = (keys: readonly SortKey[]) =>
  createHash('sha256')
    .update(keys.map(({ sql, direction }) => `${sql} ${direction}`).join())
    .digest('base64url')
    .slice(0, 8);

export const encodeCursor = (keys: readonly SortKey[], values: readonly (string | null)[]) =>
  Buffer.from(JSON.stringify([signature(keys), ...values])).toString('base64url');

/** Throws BadInputError (path after) for what is no cursor of this order. */
export function decodeCursor(keys: readonly SortKey[], cursor: string): (string | null)[] {
  let content: unknown;
  try {
    content = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    throw new BadInputError('This is not a cursor that an earlier page returned.', ['after']);
  }
  const isValue = (value: unknown) => value === null || typeof value === 'string';
  if (!Array.isArray(content) || content.length !== keys.length + 1 || content[0] !== signature(keys) || !content.every(isValue)) {
    throw new BadInputError('This cursor belongs to a list in another order: start again without it.', ['after']);
  }
  return content.slice(1);
}
