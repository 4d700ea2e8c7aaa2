/** Orders of several keys, and what comes after a place in one. */
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

/**
 * The sort keys of an order, the last one the id. Numbers come before other texts, and a metric that is NaN after every number,
 * in either direction. Errors carry the path orderBy, position, by. */
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

/** What goes on: running, then queued, then everything that has ended. */
const activity = `CASE r."state" WHEN 'RUNNING'::"RunState" THEN 2 WHEN 'QUEUED'::"RunState" THEN 1 ELSE 0 END`;

function keysOf(by: string, direction: OrderKey['direction'], vocabulary: Vocabulary, parameters: Parameters): SortKey[] {
  if (by.toLowerCase() === 'activity' && 'state' in vocabulary.columns)
    return [{ sql: activity, type: 'integer', direction, nullable: false }];
  const target = resolveField(by, parseField(by), vocabulary);
  if ('column' in target) {
    const { sql, type, always } = target.column;
    if (unsortable.has(by.toLowerCase())) throw new BadInputError(`Runs cannot be ordered by "${by}".`);
    if (type === 'time') return [{ sql, type: 'timestamptz', direction, nullable: !always }];
    if (type === 'choice') return [{ sql: `array_position(enum_range(${sql}), ${sql})`, type: 'integer', direction, nullable: false }];
    return [{ sql: `"fold"(${sql})`, type: 'text', direction, nullable: !always }];
  }
  const { number, text } = target.bag;
  const from = bagWith(target.bag, target.key, parameters);
  const value = (expression: string) => `(SELECT ${expression} FROM ${from})`;
  if (text === null) {
    return [
      { sql: value(`(${number} = 'NaN')::int`), type: 'integer', direction: 'ASC', nullable: true },
      { sql: value(`nullif(${number}, 'NaN')`), type: 'float8', direction, nullable: true },
    ];
  }
  return [
    { sql: value(number), type: 'float8', direction, nullable: true },
    { sql: value(`"fold"(${text})`), type: 'text', direction, nullable: true },
  ];
}

/** From a place in the order on, or from there back. */
export type Way = 'onward' | 'back';

const directionOf = ({ direction }: SortKey, way: Way) => ((direction === 'ASC') === (way === 'onward') ? 'ASC' : 'DESC');

/** Back: the whole order turned round, rows without a value first. */
export const orderBySql = (keys: readonly SortKey[], way: Way) =>
  keys
    .map((key, index) => `s${index} ${directionOf(key, way)}${key.nullable ? ` NULLS ${way === 'onward' ? 'LAST' : 'FIRST'}` : ''}`)
    .join(', ');

/** Which rows come after the one whose sort values (as text) are these, or before it; the columns are named s0, s1, … */
export function beyondSql(keys: readonly SortKey[], values: readonly (string | null)[], way: Way, parameters: Parameters): string {
  const typed = keys.map(({ type }, index) => (values[index] === null ? '' : `(${parameters.add(values[index], 'text')})::${type}`));
  const same = (index: number) => (values[index] === null ? `s${index} IS NULL` : `s${index} = ${typed[index]}`);
  const beyond = (key: SortKey, index: number) => {
    if (values[index] === null) return way === 'onward' ? [] : [`s${index} IS NOT NULL`];
    const missing = key.nullable && way === 'onward' ? ` OR s${index} IS NULL` : '';
    return [`(s${index} ${directionOf(key, way) === 'ASC' ? '>' : '<'} ${typed[index]}${missing})`];
  };
  const alternatives = keys.flatMap((key, index) => {
    const earlier = Array.from({ length: index }, (_, before) => same(before));
    return beyond(key, index).map((condition) => `(${[...earlier, condition].join(' AND ')})`);
  });
  return `(${alternatives.join(' OR ')})`;
}
