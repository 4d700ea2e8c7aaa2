/** The words of the filter language. */
import { type CustomPatternMatcherFunc, createToken, type ITokenConfig, Lexer, type TokenType } from 'chevrotain';

const word = '[\\p{L}\\p{M}\\p{N}_]';

/** A pattern that the library tries at every place: it cannot tell the first characters of one with Unicode classes. */
function unicode(name: string, source: string, label: string, more: Partial<ITokenConfig> = {}): TokenType {
  const pattern = new RegExp(source, 'uy');
  const match = (text: string, offset: number) => {
    pattern.lastIndex = offset;
    return pattern.exec(text);
  };
  return createToken({ name, pattern: match as CustomPatternMatcherFunc, line_breaks: false, label, ...more });
}

/** A field with a plain key in one word: metrics.train/loss, params.attack.epsilon. */
export const Name = unicode('Name', `[\\p{L}_]${word}*(?:[./:-]${word}+)*`, 'a field');

/** A bare word that begins with a digit and is no number: 3f2a9b1, 1.10.2. */
export const Bare = unicode('Bare', `\\p{N}${word}*(?:[./:+-]${word}+)*`, 'a word');

const keyword = (word: string): TokenType =>
  createToken({ name: word, pattern: new RegExp(word, 'i'), longer_alt: Name, label: `"${word.toLowerCase()}"` });

export const And = keyword('And');
export const Or = keyword('Or');
export const Not = keyword('Not');
export const In = keyword('In');
export const Like = keyword('Like');
export const Ilike = keyword('Ilike');
export const Is = keyword('Is');
export const Null = keyword('Null');
export const Nan = keyword('NaN');

export const IsoDate = createToken({
  name: 'IsoDate',
  pattern: /\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?/,
  longer_alt: Bare,
  label: 'a date',
});
export const Decimal = createToken({
  name: 'Decimal',
  pattern: /[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/,
  longer_alt: Bare,
  label: 'a number',
});
export const Infinite = createToken({ name: 'Infinite', pattern: /[+-]inf(?:inity)?(?!\w)/i, label: 'a number' });
export const SingleQuoted = createToken({ name: 'SingleQuoted', pattern: /'(?:[^']|'')*'/, label: 'a string' });
export const DoubleQuoted = createToken({ name: 'DoubleQuoted', pattern: /"(?:[^"]|"")*"/, label: 'a string' });
export const BackQuoted = createToken({ name: 'BackQuoted', pattern: /`(?:[^`]|``)*`/, label: 'a key' });

export const Comparator = createToken({ name: 'Comparator', pattern: /<=|>=|!=|<>|==|=|<|>/, label: 'a comparison' });
export const Tilde = createToken({ name: 'Tilde', pattern: /~/, label: '"~"' });
export const Dot = createToken({ name: 'Dot', pattern: /\./, label: '"."' });
export const Comma = createToken({ name: 'Comma', pattern: /,/, label: '","' });
export const Open = createToken({ name: 'Open', pattern: /\(/, label: '"("' });
export const Close = createToken({ name: 'Close', pattern: /\)/, label: '")"' });
const Space = createToken({ name: 'Space', pattern: /\s+/, group: Lexer.SKIPPED });

/** In order of precedence: a date before a number, keywords before names. */
export const tokens = [
  Space,
  IsoDate,
  Decimal,
  Infinite,
  Bare,
  SingleQuoted,
  DoubleQuoted,
  BackQuoted,
  Comparator,
  Tilde,
  Dot,
  Comma,
  Open,
  Close,
  And,
  Or,
  Not,
  Ilike,
  In,
  Like,
  Is,
  Null,
  Nan,
  Name,
];

export const lexer = new Lexer(tokens, { ensureOptimizations: false, positionTracking: 'onlyOffset' });
