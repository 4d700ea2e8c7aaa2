/** Turns a filter into parameterised SQL. Nothing that a client wrote becomes SQL text. */
import type { Comparison, Expression, FieldName, Literal, Match, Place } from './expression.ts';
import { parseFilter } from './grammar.ts';
import { problem } from './problem.ts';
import type { Bag, Column, Vocabulary } from './vocabulary.ts';

/** Values of a statement in the making; add returns the placeholder. */
export class Parameters {
  readonly values: unknown[] = [];

  add(value: unknown, type: 'text' | 'float8' | 'timestamptz' | 'text[]'): string {
    this.values.push(value);
    return `$${this.values.length}::${type}`;
  }
}

/** The condition of a WHERE clause: true or false, never null. */
export function compileFilter(text: string, vocabulary: Vocabulary, parameters: Parameters): string {
  return new Compiler(text, vocabulary, parameters).compile(parseFilter(text));
}

export type Resolved = { column: Column } | { bag: Bag; key: string };

/** Finds the field in the vocabulary; throws BadInputError with the names that exist. */
export function resolveField(text: string, field: FieldName, vocabulary: Vocabulary): Resolved {
  const root = field.root.toLowerCase();
  const column = Object.hasOwn(vocabulary.columns, root) ? vocabulary.columns[root] : undefined;
  const bag = Object.hasOwn(vocabulary.bags, root) ? vocabulary.bags[root] : undefined;
  if (column && field.key === null) return { column };
  if (bag && field.key !== null) return { bag, key: field.key };
  if (bag) throw problem(text, field, `"${field.root}" needs a key, as in ${root}.KEY.`);
  const known = [...Object.keys(vocabulary.columns), ...Object.keys(vocabulary.bags).map((name) => `${name}.KEY`)];
  const written = text.slice(field.offset, field.offset + field.length);
  throw problem(text, field, `There is no field "${written}"; there are ${known.join(', ')}.`);
}

export const bagWith = (bag: Bag, key: string, parameters: Parameters) => bag.from.replace('$key', () => parameters.add(key, 'text'));

class Compiler {
  constructor(
    private readonly text: string,
    private readonly vocabulary: Vocabulary,
    private readonly parameters: Parameters,
  ) {}

  compile(expression: Expression): string {
    if (expression.kind === 'and' || expression.kind === 'or') {
      return `(${expression.parts.map((part) => this.compile(part)).join(expression.kind === 'and' ? ' AND ' : ' OR ')})`;
    }
    if (expression.kind === 'not') return `NOT ${this.compile(expression.part)}`;
    const target = resolveField(this.text, expression.field, this.vocabulary);
    if (expression.kind === 'absent') return this.absent(target);
    const test = (operand: Operand) => {
      if (expression.kind === 'compare') return this.compare(operand, expression.operator, expression.value);
      if (expression.kind === 'in') return expression.values.map((value) => this.compare(operand, '=', value)).join(' OR ');
      return this.match(operand, expression.match, expression.pattern);
    };
    if ('column' in target) return `(${target.column.sql} IS NOT NULL AND (${test({ column: target.column, field: expression.field })}))`;
    const from = bagWith(target.bag, target.key, this.parameters);
    return `EXISTS (SELECT FROM ${from} AND (${test({ bag: target.bag, field: expression.field })}))`;
  }

  private absent(target: Resolved): string {
    if ('column' in target) return `(${target.column.sql} IS NULL)`;
    return `(NOT EXISTS (SELECT FROM ${bagWith(target.bag, target.key, this.parameters)}))`;
  }

  private compare(operand: Operand, operator: Comparison, value: Literal): string {
    if ('bag' in operand) return this.compareBag(operand.bag, operator, value);
    const { column, field } = operand;
    if (column.type === 'time') return `${column.sql} ${sqlOf(operator)} ${this.parameters.add(this.time(value), 'timestamptz')}`;
    if (value.type !== 'string') throw this.complain(value, `"${field.root}" compares with a 'string'.`);
    if (column.type === 'choice') return this.compareChoice(column, field, operator, value);
    return compareText(column.sql, operator, this.parameters.add(value.value, 'text'));
  }

  private compareChoice(column: Column, field: FieldName, operator: Comparison, value: Literal): string {
    if (operator !== '=' && operator !== '!=') throw this.complain(value, `"${field.root}" has no order: use = or !=.`);
    const choice = String(value.value).toUpperCase().replaceAll('-', '_');
    if (!column.choices?.includes(choice)) {
      throw this.complain(value, `"${field.root}" is one of ${column.choices?.join(', ')}.`);
    }
    return `${column.sql}::text ${sqlOf(operator)} ${this.parameters.add(choice, 'text')}`;
  }

  private compareBag(bag: Bag, operator: Comparison, value: Literal): string {
    if (value.type === 'number' && bag.number) return `${bag.number} ${sqlOf(operator)} ${this.parameters.add(value.value, 'float8')}`;
    if (!bag.text) throw this.complain(value, 'Metrics compare with a number.');
    return compareText(bag.text, operator, this.parameters.add(String(value.value), 'text'));
  }

  private match(operand: Operand, match: Match, pattern: Literal): string {
    const text = 'bag' in operand ? operand.bag.text : operand.column.type === 'time' ? null : `${operand.column.sql}::text`;
    if (!text) throw this.complain(pattern, 'Only text can be matched with like, ilike or ~.');
    const value = this.parameters.add(pattern.value, 'text');
    if (match === 'contains') return `position(lower(${value}) in lower(${text})) > 0`;
    return `${text} ${match === 'like' ? 'LIKE' : 'ILIKE'} ${value}`;
  }

  private time(value: Literal): Date {
    const time = value.type === 'string' ? new Date(withZone(String(value.value))) : new Date(Number.NaN);
    if (Number.isNaN(time.getTime())) throw this.complain(value, "A time is an ISO date, as '2026-11-23' or '2026-11-23T12:00:00Z'.");
    return time;
  }

  private complain(place: Place, message: string) {
    return problem(this.text, place, message);
  }
}

type Operand = { field: FieldName } & ({ column: Column } | { bag: Bag });

const sqlOf = (operator: Comparison) => (operator === '!=' ? '<>' : operator);

/** Ignores case. The first 200 characters are compared first, because an index has them. */
function compareText(sql: string, operator: Comparison, value: string): string {
  if (operator !== '=') return `lower(${sql}) ${sqlOf(operator)} lower(${value})`;
  return `lower(left(${sql}, 200)) = lower(left(${value}, 200)) AND lower(${sql}) = lower(${value})`;
}

/** A time without a zone is UTC, as a date alone already is. */
const withZone = (text: string) => (/T/.test(text) && !/(Z|[+-]\d{2}:?\d{2})$/.test(text) ? `${text}Z` : text);
