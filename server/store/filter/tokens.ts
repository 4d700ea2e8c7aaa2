/** The words of the filter language. */
import { createToken, Lexer, type TokenType } from 'chevrotain';

/** A field with a plain key in one word: metrics.train/loss, params.attack.epsilon. */
export const Name = createToken({ name: 'Name', pattern: /[A-Za-z_]\w*(?:[./:-]\w+)*/, label: 'a field' });

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
export const True = keyword('True');
export const False = keyword('False');

export const IsoDate = createToken({
  name: 'IsoDate',
  pattern: /\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?/,
  label: 'a date',
});
export const Decimal = createToken({ name: 'Decimal', pattern: /[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/, label: 'a number' });
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
  True,
  False,
  Name,
];

export const lexer = new Lexer(tokens, { ensureOptimizations: false, positionTracking: 'onlyOffset' });
