/** Turns a filter into parameterised SQL. Nothing that a client wrote becomes SQL text. */
import { readTime } from '../../time.ts';
import type { Comparison, Expression, FieldName, Literal, Match, Place } from './expression.ts';
import { parseFilter } from './grammar.ts';
import { nearest } from './nearest.ts';
import { problem } from './problem.ts';
import type { Bag, Column, Vocabulary } from './vocabulary.ts';

/** Values of a statement in the making; add returns the placeholder. */
export class Parameters {
  readonly values: unknown[] = [];

  add(value: unknown, type: 'text' | 'float8' | 'numeric' | 'timestamptz' | 'text[]'): string {
    this.values.push(value);
    return `$${this.values.length}::${type}`;
  }
}

/** Each costs a look at every run. */
const mostConditions = 100;

/** Longer patterns of like take quadratic time. */
const longestPattern = 200;

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
  throw problem(text, field, `There is no field "${written}".${meant(field, vocabulary)} There are ${known.join(', ')}.`);
}

function meant({ root, key }: FieldName, { columns, bags }: Vocabulary): string {
  const roots = nearest(root, Object.keys(key === null ? columns : bags));
  const names = roots.map((name) => (key === null ? name : `${name}.${key}`));
  return names.length > 0 ? ` Did you mean ${names.join(' or ')}?` : '';
}

export const bagWith = (bag: Bag, key: string, parameters: Parameters) => bag.from.replace('$key', () => parameters.add(key, 'text'));

type Operand = { field: FieldName } & ({ column: Column } | { bag: Bag });

class Compiler {
  private conditions = 0;

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
    const { field } = expression;
    if (++this.conditions > mostConditions) throw this.complain(field, `A filter has at most ${mostConditions} conditions.`);
    const target = resolveField(this.text, field, this.vocabulary);
    if (expression.kind === 'absent') return this.absent(target);
    const test = (operand: Operand) => {
      if (expression.kind === 'compare') return this.compare(operand, expression.operator, [expression.value]);
      if (expression.kind === 'in') return this.compare(operand, '=', expression.values);
      return expression.kind === 'nan' ? this.nan(operand) : this.match(operand, expression.match, expression.pattern);
    };
    if ('column' in target) return `(${target.column.sql} IS NOT NULL AND (${test({ column: target.column, field })}))`;
    const from = bagWith(target.bag, target.key, this.parameters);
    return `EXISTS (SELECT FROM ${from} AND (${test({ bag: target.bag, field })}))`;
  }

  private absent(target: Resolved): string {
    if ('column' in target) return `(${target.column.sql} IS NULL)`;
    return `(NOT EXISTS (SELECT FROM ${bagWith(target.bag, target.key, this.parameters)}))`;
  }

  /** Whether the comparison holds for any of the values. */
  private compare(operand: Operand, operator: Comparison, values: readonly Literal[]): string {
    if ('bag' in operand) return this.compareBag(operand.bag, operator, values);
    const { column, field } = operand;
    if (column.type === 'choice') return this.compareChoice(column, field, operator, values);
    if (column.type === 'text') return this.compareText(column.sql, operator, values, false);
    return any(
      column.sql,
      operator,
      values.map((value) => this.parameters.add(this.time(value), 'timestamptz')),
    );
  }

  private compareChoice(column: Column, field: FieldName, operator: Comparison, values: readonly Literal[]): string {
    const choices = values.map((value) => {
      if (operator !== '=' && operator !== '!=') throw this.complain(value, `"${field.root}" has no order: use = or !=.`);
      const choice = value.text.toUpperCase().replaceAll('-', '_');
      if (column.choices?.includes(choice)) return this.parameters.add(choice, 'text');
      throw this.complain(value, `"${field.root}" is one of ${column.choices?.join(', ')}.`);
    });
    return any(`${column.sql}::text`, operator, choices);
  }

  private compareBag(bag: Bag, operator: Comparison, values: readonly Literal[]): string {
    const equates = operator === '=' || operator === '!=';
    const unordered = values.find(({ number }) => Number.isNaN(number) && !equates);
    if (unordered) throw this.complain(unordered, 'NaN has no order: use =, !=, is nan or is not nan.');
    const spelled = values.find((value) => !equates && this.looksLikeNumber(value));
    if (spelled) throw this.complain(spelled, `${spelled.text} is no decimal number: write it as one, or in quotes to go by letters.`);
    const isNumber = ({ text, number }: Literal) =>
      number !== null && (!bag.text || (!Number.isNaN(number) && (!equates || (bag.equatesNumbers && isStored(text)))));
    const numbers = values.filter(isNumber);
    const texts = values.filter((value) => !isNumber(value));
    if (!bag.text && texts[0]) throw this.complain(texts[0], 'Metrics compare with a number.');
    const conditions: string[] = [];
    if (numbers.length > 0)
      conditions.push(
        bag.text ? this.compareStated(bag.number, bag.text, operator, numbers) : this.compareNumbers(bag.number, operator, numbers),
      );
    if (bag.text && texts.length > 0) conditions.push(this.compareText(bag.text, operator, texts, true));
    return conditions.join(' OR ');
  }

  /** 0x10, 1_000, 1.10.2: a bare word that no one means to be put in order by its letters. Those of a date are in its order. */
  private looksLikeNumber({ offset, text, number }: Literal): boolean {
    return number === null && /\p{N}/u.test(this.text[offset] ?? '') && !/^\d{4}-\d{2}-\d{2}/.test(text);
  }

  /** Where NaN is kept it differs from every number, and has no place in their order. */
  private compareNumbers(sql: string, operator: Comparison, values: readonly Literal[]): string {
    const numbers = values.map((value) => {
      if (!Number.isFinite(value.number) && /\d/.test(value.text)) throw this.complain(value, 'This number is too large.');
      return this.parameters.add(value.number, 'float8');
    });
    if (operator === '!=') return `${sql} IS DISTINCT FROM ${numbers[0]}`;
    const compared = any(sql, operator, numbers);
    return operator === '>' || operator === '>=' ? `${compared} AND ${sql} <> 'NaN'` : compared;
  }

  /** As the index has the numbers, then digit by digit, where a text may state more digits than the index holds. */
  private compareStated(number: string, text: string, operator: Comparison, values: readonly Literal[]): string {
    if (operator === '!=') return `(${this.compareStated(number, text, '=', values)}) IS NOT TRUE`;
    const near = this.compareNumbers(number, nearly[operator], values);
    const exact = any(
      `${text}::numeric`,
      operator,
      values.map(({ text: written, number }) => this.parameters.add(isStored(written) ? written : String(number), 'numeric')),
    );
    return `CASE WHEN ${near} THEN ${exact} ELSE false END`;
  }

  /** Ignores case. Where an index has the first 200 characters, they are compared first. */
  private compareText(sql: string, operator: Comparison, values: readonly Literal[], indexed: boolean): string {
    const folded = values.map(({ text }) => `"fold"(${this.parameters.add(text.normalize('NFC'), 'text')})`);
    const whole = any(`"fold"(${sql})`, operator, folded);
    if (operator !== '=' || !indexed) return whole;
    return `(${any(
      `left("fold"(${sql}), 200)`,
      '=',
      folded.map((value) => `left(${value}, 200)`),
    )} AND ${whole})`;
  }

  private nan({ field, ...operand }: Operand): string {
    if (!('bag' in operand)) throw this.complain(field, `"${field.root}" is no number: is nan asks for metrics, params and tags.`);
    return operand.bag.text ? `"fold"(${operand.bag.text}) = 'nan'` : `${operand.bag.number} = 'NaN'`;
  }

  private match(operand: Operand, match: Match, pattern: Literal): string {
    const text = 'bag' in operand ? operand.bag.text : operand.column.type === 'time' ? null : `${operand.column.sql}::text`;
    if (!text) throw this.complain(pattern, 'Only text can be matched with like, ilike or ~.');
    const value = this.parameters.add(pattern.text.normalize('NFC'), 'text');
    if (match === 'contains') return `position("fold"(${value}) in "fold"(${text})) > 0`;
    if (pattern.text.length > longestPattern) throw this.complain(pattern, `A pattern has at most ${longestPattern} characters.`);
    if (/^(?:[^\\]|\\.)*\\$/s.test(pattern.text))
      throw this.complain(
        pattern,
        'The pattern ends in a single \\, which stands before the character that it takes literally: write \\\\.',
      );
    return match === 'like' ? `normalize(${text}, NFC) LIKE ${value}` : `"fold"(${text}) LIKE "fold"(${value})`;
  }

  private time(value: Literal): Date {
    const time = readTime(value.text);
    if (time) return time;
    throw this.complain(
      value,
      "A time is an ISO 8601 date that exists, as '2026-11-23' or '2026-11-23T12:00:00Z'; without a zone it is UTC.",
    );
  }

  private complain(place: Place, message: string) {
    return problem(this.text, place, message);
  }
}

/** What holds of two numbers after rounding where this holds of them. */
const nearly: Record<Exclude<Comparison, '!='>, Comparison> = { '=': '=', '<': '<=', '<=': '<=', '>': '>=', '>=': '>=' };

const any = (sql: string, operator: Comparison, values: readonly string[]) =>
  values.length === 1 ? `${sql} ${operator === '!=' ? '<>' : operator} ${values[0]}` : `${sql} = ANY(ARRAY[${values.join(', ')}])`;

/** Whether a value spelled so is kept as a number: what the database's function numberOf takes for one. */
const isStored = (text: string) => text.length <= 40 && /^[+-]?((\d+(\.\d*)?|\.\d+)(e[+-]?1?\d{1,2})?|inf(inity)?)$/i.test(text);
