/** Operations that cost little to send and much to answer. */
import { getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLab, type TestLab } from './lab.ts';

let lab: TestLab;

beforeAll(async () => {
  lab = await startLab();
});

afterAll(() => lab.close());

const repeat = (count: number, text: (index: number) => string) => Array.from({ length: count }, (_, index) => text(index)).join(' ');

const floods: [string, () => string][] = [
  ['three thousand aliases', () => `{ ${repeat(1200, (index) => `a${index}: viewer { id }`)} }`],
  ['one field three thousand times', () => `{ viewer { ${'name '.repeat(3900)} } ${'viewer { name } '.repeat(2000)} }`],
  ['aliases within a list', () => `{ runs(first: 100) { nodes { ${repeat(60, (index) => `a${index}: log(last: 100) { text }`)} } } }`],
  ['directives', () => `{ viewer { name ${'@skip(if: false) '.repeat(500)} } }`],
  ['unknown directives', () => `{ viewer { name ${repeat(1000, (index) => `@a${index}`)} } }`],
  ['a cycle of fragments', () => '{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }'],
  ['a fragment of itself', () => 'query { runs { nodes { ...a } } } fragment a on Run { id ...a }'],
  [
    'fragments that double',
    () =>
      `{ ...f0 } ${repeat(30, (index) => `fragment f${index} on Query { ...f${index + 1} ...f${index + 1} }`)} fragment f30 on Query { viewer { id } }`,
  ],
  [
    'a thousand fragments that are not used',
    () => `{ viewer { id } } ${repeat(600, (index) => `fragment f${index} on Query { viewer { id } }`)}`,
  ],
  ['nesting', () => `{ ${'project(name: "p") { runs { nodes { '.repeat(20)} id ${' } } }'.repeat(20)} }`],
  ['introspection in a circle', () => `{ __schema { types { ${'fields { type { '.repeat(12)} name ${' } }'.repeat(12)} } } }`],
  [
    'introspection thirty times',
    () => `{ ${repeat(31, (index) => `a${index}: __schema { types { fields { name description type { name } } } }`)} }`,
  ],
  ['a thousand variables', () => `query (${repeat(1300, (index) => `$v${index}: ID`)}) { viewer { id } }`],
  ['a list within a list within a list', () => `{ runs(tags: ${'['.repeat(900)}${']'.repeat(900)}) { totalCount } }`],
  ['an object ten thousand deep', () => `{ runs(filter: ${'{a:'.repeat(1300)}1${'}'.repeat(1300)}) { totalCount } }`],
  ['operations by the hundred', () => repeat(400, (index) => `query q${index} { viewer { id } }`)],
  ['a number of a hundred thousand digits', () => `{ runs(first: ${'9'.repeat(100_000)}) { totalCount } }`],
  ['a comment of half a megabyte', () => `{ runs(first: 99999) { totalCount } } #${'x'.repeat(500_000)}`],
];

describe('an operation', () => {
  it.each(floods)('of %s is refused before it is executed', async (_what, query) => {
    const before = process.cpuUsage();
    const { data, errors, status } = await lab.ask(query(), {}, lab.viewer);
    const { user, system } = process.cpuUsage(before);
    expect(status).toBeLessThan(500);
    expect(data).toEqual({});
    expect(errors.length).toBeGreaterThan(0);
    expect([
      'LIMIT_EXCEEDED',
      'GRAPHQL_VALIDATION_FAILED',
      'GRAPHQL_PARSE_FAILED',
      'BAD_USER_INPUT',
      'OPERATION_RESOLUTION_FAILURE',
    ]).toContain(errors[0]?.extensions.code);
    expect(JSON.stringify(errors).length).toBeLessThan(200_000);
    expect((user + system) / 1e6).toBeLessThan(10);
  });

  it('of a batch is refused, as a list, in a form and with a numbered body', async () => {
    const one = { query: '{ viewer { name } }' };
    for (const body of [[one], Array(1000).fill(one), { 0: one, 1: one }, { query: [one.query, one.query] }]) {
      const response = await fetch(`${lab.address}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${lab.viewer}` },
        body: JSON.stringify(body),
      });
      expect(response.status).toBe(400);
    }
  });

  it('is not kept by the server under a hash that somebody else could use', async () => {
    const { errors } = await lab.ask('{ viewer { name } }', {}, lab.viewer);
    expect(errors).toEqual([]);
    const response = await fetch(`${lab.address}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${lab.viewer}` },
      body: JSON.stringify({ extensions: { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } } }),
    });
    const { errors: answer } = (await response.json()) as { errors: { extensions: { code: string } }[] };
    expect(answer[0]?.extensions.code).toBe('PERSISTED_QUERY_NOT_SUPPORTED');
  });

  it('that the documentation asks for passes: introspection once', async () => {
    expect((await lab.ask(getIntrospectionQuery(), {}, lab.viewer)).errors).toEqual([]);
  });
});
