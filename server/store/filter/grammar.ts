/**
 * Reads the filter language:
 *
 *   filter     = either
 *   either     = both { or both }
 *   both       = term { and term }
 *   term       = not term | "(" either ")" | condition
 *   condition  = field comparison literal
 *              | field [not] in "(" literal { "," literal } ")"
 *              | field [not] (like | ilike | ~) string
 *              | field is [not] (null | nan)
 *   literal    = 'string' | "string" | number | 2026-11-23 | word
 *   field      = name | name "." (`odd key` | "odd key")
 */
import { EmbeddedActionsParser, EOF, type IToken } from 'chevrotain';
import type { Comparison, Expression, FieldName, Literal, Match } from './expression.ts';
import { problem } from './problem.ts';
import * as token from './tokens.ts';

const longest = 4000;
const deepest = 50;

const placeOf = (first: IToken, last: IToken = first) => ({
  offset: first.startOffset,
  length: last.startOffset + last.image.length - first.startOffset,
});

/** The text inside quotes; a doubled quote stands for one. */
function unquote(image: string): string {
  const quote = image[0] as string;
  return image.slice(1, -1).replaceAll(quote + quote, quote);
}

/** Alternatives, as the parser library takes them. */
const choices = <Result>(...alternatives: (() => Result)[]) => alternatives.map((ALT) => ({ ALT }));

function matchOf({ tokenType }: IToken): Match {
  if (tokenType === token.Tilde) return 'contains';
  return tokenType === token.Like ? 'like' : 'ilike';
}

/** A plain key is part of the name's word; an odd one is quoted after it. */
function fieldOf(name: IToken, quoted: IToken | undefined): FieldName {
  if (quoted) return { ...placeOf(name, quoted), root: name.image, key: unquote(quoted.image) };
  const dot = name.image.indexOf('.');
  if (dot === -1) return { ...placeOf(name), root: name.image, key: null };
  return { ...placeOf(name), root: name.image.slice(0, dot), key: name.image.slice(dot + 1) };
}

class FilterParser extends EmbeddedActionsParser {
  constructor() {
    super(token.tokens, { recoveryEnabled: false });
    this.performSelfAnalysis();
  }

  filter = this.RULE('filter', (): Expression => {
    const expression = this.SUBRULE(this.either);
    this.CONSUME(EOF);
    return expression;
  });

  /** A field alone, as an order names it. */
  wholeField = this.RULE('wholeField', (): FieldName => {
    const field = this.SUBRULE(this.field);
    this.CONSUME(EOF);
    return field;
  });

  private either = this.RULE('either', (): Expression => {
    const parts = [this.SUBRULE1(this.both)];
    this.MANY(() => {
      this.CONSUME(token.Or);
      parts.push(this.SUBRULE2(this.both));
    });
    return parts.length === 1 ? (parts[0] as Expression) : { kind: 'or', parts };
  });

  private both = this.RULE('both', (): Expression => {
    const parts = [this.SUBRULE1(this.term)];
    this.MANY(() => {
      this.CONSUME(token.And);
      parts.push(this.SUBRULE2(this.term));
    });
    return parts.length === 1 ? (parts[0] as Expression) : { kind: 'and', parts };
  });

  private term = this.RULE('term', (): Expression => {
    return this.OR(
      choices<Expression>(
        () => {
          this.CONSUME(token.Not);
          return { kind: 'not', part: this.SUBRULE(this.term) };
        },
        () => {
          this.CONSUME(token.Open);
          const inner = this.SUBRULE(this.either);
          this.CONSUME(token.Close);
          return inner;
        },
        () => this.SUBRULE(this.condition),
      ),
    );
  });

  private condition = this.RULE('condition', (): Expression => {
    const field = this.SUBRULE(this.field);
    return this.OR(
      choices<Expression>(
        () => this.SUBRULE(this.comparison, { ARGS: [field] }),
        () => this.SUBRULE(this.absence, { ARGS: [field] }),
        () => {
          const negated = this.OPTION(() => this.CONSUME(token.Not));
          const found = this.OR2(
            choices<Expression>(
              () => this.SUBRULE(this.membership, { ARGS: [field] }),
              () => this.SUBRULE(this.likeness, { ARGS: [field] }),
            ),
          );
          return negated ? { kind: 'not', part: found } : found;
        },
      ),
    );
  });

  private comparison = this.RULE('comparison', (field: FieldName): Expression => {
    const { image } = this.CONSUME(token.Comparator);
    const operator = (image === '<>' ? '!=' : image === '==' ? '=' : image) as Comparison;
    return { kind: 'compare', field, operator, value: this.SUBRULE(this.literal) };
  });

  private absence = this.RULE('absence', (field: FieldName): Expression => {
    this.CONSUME(token.Is);
    const negated = this.OPTION(() => this.CONSUME(token.Not));
    return this.OR(
      choices<Expression>(
        () => {
          this.CONSUME(token.Null);
          return negated ? { kind: 'not', part: { kind: 'absent', field } } : { kind: 'absent', field };
        },
        () => {
          this.CONSUME(token.Nan);
          if (!negated) return { kind: 'nan', field };
          const present: Expression = { kind: 'not', part: { kind: 'absent', field } };
          return { kind: 'and', parts: [present, { kind: 'not', part: { kind: 'nan', field } }] };
        },
      ),
    );
  });

  private membership = this.RULE('membership', (field: FieldName): Expression => {
    const values: Literal[] = [];
    this.CONSUME(token.In);
    this.CONSUME(token.Open);
    const another = () => values.push(this.SUBRULE(this.literal));
    this.AT_LEAST_ONE_SEP({ SEP: token.Comma, DEF: another });
    this.CONSUME(token.Close);
    return { kind: 'in', field, values };
  });

  private likeness = this.RULE('likeness', (field: FieldName): Expression => {
    const match = this.OR(
      choices<IToken>(
        () => this.CONSUME(token.Like),
        () => this.CONSUME(token.Ilike),
        () => this.CONSUME(token.Tilde),
      ),
    );
    const pattern = this.SUBRULE(this.text);
    return this.ACTION(() => ({ kind: 'match', field, match: matchOf(match), pattern }));
  });

  private field = this.RULE('field', (): FieldName => {
    const name = this.CONSUME(token.Name);
    const quoted = this.OPTION(() => {
      this.CONSUME(token.Dot);
      return this.OR(
        choices<IToken>(
          () => this.CONSUME(token.BackQuoted),
          () => this.CONSUME(token.DoubleQuoted),
        ),
      );
    });
    return this.ACTION(() => fieldOf(name, quoted));
  });

  private text = this.RULE('text', (): Literal => {
    const quoted = this.OR(
      choices<IToken>(
        () => this.CONSUME(token.SingleQuoted),
        () => this.CONSUME(token.DoubleQuoted),
      ),
    );
    return this.ACTION(() => ({ ...placeOf(quoted), text: unquote(quoted.image), number: null }));
  });

  private literal = this.RULE('literal', (): Literal => {
    return this.OR(
      choices<Literal>(
        () => this.SUBRULE(this.text),
        () => this.bare(this.CONSUME(token.IsoDate)),
        () => this.bare(this.CONSUME(token.Decimal)),
        () => this.bare(this.CONSUME(token.Infinite)),
        () => this.bare(this.CONSUME(token.Nan)),
        () => this.bare(this.CONSUME(token.Bare)),
        () => this.bare(this.CONSUME(token.Name)),
      ),
    );
  });

  private bare(word: IToken): Literal {
    return this.ACTION(() => ({ ...placeOf(word), text: word.image, number: numberOf(word.image) }));
  }
}

/** Null for a word that is no number. */
function numberOf(text: string): number | null {
  if (/^nan$/i.test(text)) return Number.NaN;
  if (/^[+-]?inf(inity)?$/i.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : null;
}

const parser = new FilterParser();

/** Counts the parentheses that are open and the negations that wait for what they negate, in all of them. */
function refuseDepth(text: string, words: IToken[]): void {
  const open: number[] = [];
  let negations = 0;
  for (const word of words) {
    if (word.tokenType === token.Not) negations++;
    else if (word.tokenType === token.Open) open.push(negations + 1);
    else if (word.tokenType === token.Close) open.pop();
    if (word.tokenType !== token.Not) negations = 0;
    const depth = open.reduce((sum, one) => sum + one, negations);
    if (depth > deepest) throw problem(text, placeOf(word), `More than ${deepest} parentheses or negations inside one another.`);
  }
}

function parse<Result>(text: string, rule: (parser: FilterParser) => Result): Result {
  if (text.length > longest) throw problem(text, { offset: longest, length: 1 }, `A filter has at most ${longest} characters.`);
  const { tokens, errors } = token.lexer.tokenize(text);
  const unreadable = errors[0];
  if (unreadable) {
    const quote = /^['"`]/.test(text.slice(unreadable.offset));
    throw problem(text, unreadable, quote ? 'This quote is never closed.' : `Cannot read ${JSON.stringify(text[unreadable.offset])}.`);
  }
  refuseDepth(text, tokens);
  parser.input = tokens;
  const result = rule(parser);
  const error = parser.errors[0];
  if (!error) return result;
  const found = error.token;
  const atEnd = found.tokenType === EOF;
  const place = atEnd ? { offset: text.length, length: 1 } : placeOf(found);
  throw problem(text, place, `${atEnd ? 'The filter ends too early' : `Unexpected ${JSON.stringify(found.image)}`}: ${wanted(error)}.`);
}

/** What the parser would have taken, in words. */
function wanted(error: Error & { context: { ruleStack: string[] } }): string {
  const rule = error.context.ruleStack.at(-1);
  if (rule === 'term' && error.name === 'MismatchedTokenException') return 'a ")" goes here';
  if (rule === 'term' || rule === 'field') return 'a field, "not" or "(" goes here';
  if (rule === 'condition' || rule === 'likeness') return 'a comparison goes here: = != < <= > >= ~, in, like, ilike, is null or is nan';
  if (rule === 'literal') return "a value goes here: a number, a 'string', a word or a date";
  if (rule === 'text') return "a 'string' goes here";
  if (rule === 'membership') return 'a list goes here, as in (1, 2)';
  if (rule === 'absence') return '"null", "nan" or "not" goes here';
  return '"and", "or" or the end goes here';
}

/** Throws BadInputError, with the place, for what is not a filter. */
export const parseFilter = (text: string): Expression => parse(text, (reader) => reader.filter());

/** Reads one field, as an order names it. */
export const parseField = (text: string): FieldName => parse(text, (reader) => reader.wholeField());
