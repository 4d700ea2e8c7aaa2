/** The filter language, by itself: what it reads, what it refuses and where, and that no word of a client becomes SQL. */
import { describe, expect, it } from 'vitest';
import { BadInputError } from '../../../server/errors.ts';
import { compileFilter, Parameters } from '../../../server/store/filter/compile.ts';
import { parseFilter } from '../../../server/store/filter/grammar.ts';
import { runVocabulary } from '../../../server/store/filter/vocabulary.ts';

function compile(filter: string) {
  const parameters = new Parameters();
  return { sql: compileFilter(filter, runVocabulary, parameters), values: parameters.values };
}

function refusal(filter: string): string {
  try {
    compile(filter);
  } catch (error) {
    if (error instanceof BadInputError) return error.message;
    throw error;
  }
  throw new Error(`"${filter}" was accepted`);
}

/** A small generator of its own: the same cases on every run. */
function random(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) % below;
  };
}

describe('the grammar', () => {
  it('binds not before and, and before or', () => {
    expect(parseFilter("not name = 'a' and name = 'b' or name = 'c'")).toMatchObject({
      kind: 'or',
      parts: [{ kind: 'and', parts: [{ kind: 'not' }, { kind: 'compare' }] }, { kind: 'compare' }],
    });
    expect(parseFilter("not (name = 'a' AND (name = 'b' Or name = 'c'))")).toMatchObject({
      kind: 'not',
      part: { kind: 'and', parts: [{ kind: 'compare' }, { kind: 'or' }] },
    });
  });

  it.each<[string, string, number | null]>([
    ["name = 'it''s'", "it's", null],
    ['name = "say ""so"""', 'say "so"', null],
    ['name = word', 'word', null],
    ['name = обучение', 'обучение', null],
    ["params.x = '1.10'", '1.10', null],
    ['tags.x = 1.10', '1.10', 1.1],
    ['tags.x = 0012345', '0012345', 12345],
    ['tags.x = 3f2a9b1', '3f2a9b1', null],
    ['tags.x = 1.10.2', '1.10.2', null],
    ['metrics.x = -1.5e-3', '-1.5e-3', -0.0015],
    ['metrics.x = .5', '.5', 0.5],
    ['metrics.x = NaN', 'NaN', Number.NaN],
    ['metrics.x = -Infinity', '-Infinity', Number.NEGATIVE_INFINITY],
    ['metrics.x = inf', 'inf', Number.POSITIVE_INFINITY],
    ['params.x = true', 'true', null],
    ['created = 2026-11-23', '2026-11-23', null],
    ['created = 2026-11-23T10:20:30.5+02:00', '2026-11-23T10:20:30.5+02:00', null],
  ])('reads the value of %s', (filter, text, number) => {
    expect(parseFilter(filter)).toMatchObject({ kind: 'compare', value: { text, number } });
  });

  it.each<[string, string, string | null]>([
    ['name is null', 'name', null],
    ['metrics.train/loss is null', 'metrics', 'train/loss'],
    ['params.training.attack.epsilon is null', 'params', 'training.attack.epsilon'],
    ['tags.`odd key, with "all"` is null', 'tags', 'odd key, with "all"'],
    ['tags."a b" is null', 'tags', 'a b'],
    ['tags.`back``tick` is null', 'tags', 'back`tick'],
    ['tags.or is null', 'tags', 'or'],
    ['orders.x is null', 'orders', 'x'],
    ['metrics.précision/été is null', 'metrics', 'précision/été'],
    ['tags.nan is null', 'tags', 'nan'],
  ])('reads the field of %s', (filter, root, key) => {
    expect(parseFilter(filter)).toMatchObject({ kind: 'absent', field: { root, key } });
  });

  it.each<[string, string]>([
    ['metric.adv > 0.5', 'There is no field "metric.adv"'],
    ['params > 1', 'needs a key'],
    ["name = 'open", 'never closed'],
    ["name == = 'a'", 'a value goes here'],
    ["name 'a'", 'a comparison goes here'],
    ["(name = 'a'", 'a ")" goes here'],
    ["name = 'a')", 'the end goes here'],
    ["name = 'a' name = 'b'", '"and", "or"'],
    ['name in ()', 'a list goes here'],
    ["name in 'a'", 'a list goes here'],
    ['name like 5', "a 'string' goes here"],
    ['name is 5', '"null", "nan" or "not"'],
    ['name is nan', 'is no number'],
    ["metrics.x = 'high'", 'compare with a number'],
    ["metrics.x ~ 'high'", 'Only text'],
    ["created > 'soon'", 'ISO 8601'],
    ["created > '1'", 'ISO 8601'],
    ['created > 1', 'ISO 8601'],
    ['created > 2026', 'ISO 8601'],
    ['created > 2026-13-45', 'ISO 8601'],
    ['created > 2026-02-30', 'ISO 8601'],
    ['created > 2025-02-29', 'ISO 8601'],
    ["created > '2026-11-23T24:60'", 'ISO 8601'],
    ["created > '2026-11-23T24:00'", 'ISO 8601'],
    ["created > '2026-11-23T10:00:60Z'", 'ISO 8601'],
    ["created > '2026-11-23T10:00+25:00'", 'ISO 8601'],
    ["created > '2026-11-23 10:00'", 'ISO 8601'],
    ["created > '23 Nov 2026'", 'ISO 8601'],
    ["created > '0000-01-01'", 'ISO 8601'],
    ['metrics.x > NaN', 'NaN has no order'],
    ['params.x <= nan', 'NaN has no order'],
    ['metrics.x < 1e999', 'too large'],
    ['params.x > 0x10', '0x10 is no decimal number'],
    ['params.x <= 1_000', '1_000 is no decimal number'],
    ['tags.version >= 1.10.2', '1.10.2 is no decimal number'],
    ['tags.x < 3f2a9b1', 'in quotes to go by letters'],
    ['params.x > ٣', 'is no decimal number'],
    ['params.x > 1e999', 'too large'],
    ['params.x > -0x10', 'Unexpected "x10"'],
    ['params.x > 1,000', 'Unexpected ","'],
    ["name like 'back\\'", 'ends in a single'],
    [`name ilike '${'a_'.repeat(101)}'`, 'at most 200 characters'],
    ['metricss.adv > 1', 'Did you mean metrics.adv?'],
    ['nmae = x', 'Did you mean name?'],
    ['craeted > 2026-01-01', 'Did you mean created?'],
    ["state = 'LOST'", 'one of QUEUED, RUNNING'],
    ['state > QUEUED', 'has no order'],
    ['name = ;', 'Cannot read ";"'],
    ['', 'a field'],
  ])('refuses %s', (filter, message) => {
    expect(refusal(filter)).toContain(message);
  });

  it.each<[string, unknown]>([
    ['params.x > +5', 5],
    ['params.x > .5', 0.5],
    ['params.x > 5.', 5],
    ['params.x > 1e3', 1000],
    ['params.x > -0', -0],
    ['params.x > 007', 7],
    ['params.x < Infinity', Number.POSITIVE_INFINITY],
    ['params.x > 12345678901234567890', 12345678901234567000],
    ['params.x = 0x10', '0x10'],
    ['params.x = 12345678901234567890', 12345678901234567000],
    ["params.x > '0x10'", '0x10'],
    ['params.day >= 2026-11-23', '2026-11-23'],
    ['params.x > high', 'high'],
  ])('compares %s with %j', (filter, value) => {
    expect(compile(filter).values[1]).toEqual(value);
  });

  it('shows the place, also in a later line', () => {
    expect(refusal("name = 'a' and\nmetrics.x > high")).toBe(
      'Metrics compare with a number. (line 2, column 13)\nmetrics.x > high\n            ^^^^',
    );
    expect(refusal("name = 'a' and created > 2026-02-30").split('\n').at(-1)).toBe(`${' '.repeat(25)}${'^'.repeat(10)}`);
    expect(refusal('params.a = 1 and foo = 2').split('\n').slice(1)).toEqual(['params.a = 1 and foo = 2', '                 ^^^']);
  });

  it('bounds length and depth', () => {
    expect(refusal(`name = '${'x'.repeat(5000)}'`)).toContain('at most 4000 characters');
    expect(refusal(`${'('.repeat(60)}name = 'a'${')'.repeat(60)}`)).toContain('More than 50');
    expect(refusal(`${'not '.repeat(60)}name = 'a'`)).toContain('More than 50');
    expect(compile(`${'('.repeat(50)}name = 'a'${')'.repeat(50)}`).values).toContain('a');
    expect(refusal(Array(101).fill('tags.a = 1').join(' and '))).toContain('at most 100 conditions');
    expect(compile(Array.from({ length: 60 }, () => "(not name = 'a')").join(' and ')).sql).toContain('AND');
  });
});

describe('the SQL', () => {
  const nasty = [
    '\'; DROP TABLE "Run"; --',
    '$1',
    '$key',
    "' OR 1=1 --",
    '\\',
    '%',
    '`',
    '"',
    '\u0000x',
    '/* */',
    ['$', '{x}'].join(''),
    '::text',
    'é😀',
  ];
  const quote = (text: string, mark: string) => mark + text.replaceAll(mark, mark + mark) + mark;

  it.each(nasty)('never contains what the client wrote: %s', (text) => {
    const plain = text.replaceAll('\u0000', '');
    const single = quote(plain, "'");
    const filters: [string, string][] = [
      [`name = ${single}`, "name = 'x'"],
      [`name like ${quote(`${plain}_`, "'")}`, "name like 'x'"],
      [`name ~ ${quote(plain, '"')}`, "name ~ 'x'"],
      [`params.k in (${single}, ${single})`, "params.k in ('x', 'x')"],
      [`tags.${quote(plain, '`')} = ${single}`, "tags.k = 'x'"],
      [`metrics.${quote(plain, '"')} > 1`, 'metrics.k > 1'],
      [`not params.${quote(plain, '`')} is null`, 'not params.k is null'],
    ];
    for (const [filter, harmless] of filters) {
      const { sql, values } = compile(filter);
      expect(sql).toBe(compile(harmless).sql);
      expect(values.some((value) => value === plain || value === `${plain}_`)).toBe(true);
    }
  });

  it('is made only of known pieces, whatever is thrown at it', () => {
    const next = random(11);
    const among = (...choices: string[]) => choices[next(choices.length)] as string;
    const condition = (): string[] => {
      const field = among('name', 'params.a', 'metrics.`x; y`', 'tags."$1"', 'created');
      const value = () => among("'v'", '"; --"', '3', '-1e9', 'true', '2026-11-23', 'word');
      return [
        field,
        ...among('= V', '!= V', '>= V', 'in ( V , V )', 'not in ( V )', 'like V', '~ V', 'is null', 'is not null').split(' '),
      ].map((word) => (word === 'V' ? value() : word));
    };
    const expression = (depth: number): string[] => {
      if (depth === 0 || next(3) === 0) return condition();
      if (next(3) === 0) return ['not', ...expression(depth - 1)];
      return ['(', ...expression(depth - 1), among('and', 'OR'), ...expression(depth - 1), ')'];
    };
    let accepted = 0;
    for (let round = 0; round < 3000; round++) {
      const words = expression(3);
      if (next(4) === 0) words[next(words.length)] = among(';', '--', 'SELECT', '(', ')', 'null', "'", 'and', '$1', '');
      try {
        const { sql, values } = compile(words.join(' '));
        accepted++;
        expect(new Set(sql.match(/\$\d+/g)).size).toBe(values.length);
        expect(sql.replaceAll(/'NaN'|'nan'/g, '')).not.toMatch(/;|--|'/);
        expect(sql.replaceAll(/SELECT FROM|SELECT pr\."name"/g, '')).not.toMatch(/SELECT/);
      } catch (error) {
        expect(error).toBeInstanceOf(BadInputError);
      }
    }
    expect(accepted).toBeGreaterThan(500);
    expect(accepted).toBeLessThan(3000);
  });
});
