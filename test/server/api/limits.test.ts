/** What one request may ask for, and what a client learns when something breaks. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLab, type TestLab } from './lab.ts';
import { addRun } from './records.ts';

let lab: TestLab;

beforeAll(async () => {
  lab = await startLab();
});

afterAll(() => lab.close());

const codes = ({ errors }: { errors: { extensions: { code: string } }[] }) => [...new Set(errors.map(({ extensions }) => extensions.code))];

const post = (body: string, headers: Record<string, string> = {}) =>
  fetch(`${lab.address}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${lab.viewer}`, ...headers },
    body,
  });

describe('limits', () => {
  it('let introspection through', async () => {
    const { data, errors } = await lab.ask(getIntrospectionQuery({ descriptions: true, inputValueDeprecation: true, oneOf: true }));
    expect(errors).toEqual([]);
    expect(data.__schema.types.length).toBeGreaterThan(50);
  });

  it.each<[string, string]>([
    ['depth', `{ runs { nodes { ${'project { runs { nodes { '.repeat(6)} id ${'} } }'.repeat(6)} } } }`],
    ['depth in fragments', `{ runs { nodes { ...a } } } fragment a on Run { ${'inputs { producedBy { '.repeat(8)} id ${'} }'.repeat(8)} }`],
    ['aliases', `{ ${Array.from({ length: 40 }, (_, index) => `a${index}: server { version }`).join(' ')} }`],
    ['directives', `{ server { version ${'@include(if: true) '.repeat(60)} } }`],
  ])('bound %s', async (_what, query) => {
    expect(codes(await lab.ask(query))).toContain('LIMIT_EXCEEDED');
  });

  it('bound lists of lists by their lengths', async () => {
    const nested = (first: number) => `{ runs(first: ${first}) { nodes { project { runs(first: ${first}) { nodes { id name } } } } } }`;
    expect(codes(await lab.ask(nested(500)))).toEqual(['LIMIT_EXCEEDED']);
    expect((await lab.ask(nested(20))).errors).toEqual([]);
    const wide =
      '{ runs(first: 500) { nodes { id name state params { key value } tags { key value } metrics { key last } stages { name progress { fraction } } outputs { id } } } }';
    expect((await lab.ask(wide)).errors).toEqual([]);
  });

  it('bound tokens and bytes', async () => {
    const tokens = await lab.ask(`{ ${'viewer { name } '.repeat(3000)} }`);
    expect(tokens.errors[0]?.message).toMatch(/token/i);
    const response = await post(JSON.stringify({ query: '{ viewer { name } }', variables: { x: 'y'.repeat(1_100_000) } }));
    expect(response.status).toBe(413);
    expect(codes((await response.json()) as never)).toEqual(['LIMIT_EXCEEDED']);
  });

  it('refuse batches and what is not JSON', async () => {
    const batch = await post('[{"query":"{viewer{name}}"},{"query":"{viewer{name}}"}]');
    expect(batch.status).toBe(400);
    const nonsense = await post('{');
    expect(nonsense.status).toBe(400);
    expect(codes((await nonsense.json()) as never)).toEqual(['BAD_REQUEST']);
  });

  const pages = join(import.meta.dirname, '../../../web/queries');
  const documents = readdirSync(pages, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(pages, file), 'utf8'));

  it('let every query of the pages through', async () => {
    const sources = documents.flatMap((text) => [...text.matchAll(/graphql\(\s*`([^`]+)`/g)].map(([, source]) => source as string));
    const fragments = new Map(
      sources.flatMap((source) => [...source.matchAll(/fragment (\w+) on/g)].map(([, name]) => [name as string, source])),
    );
    const withFragments = (source: string, seen = new Set<string>()): string => {
      for (const [, name = ''] of source.matchAll(/\.\.\.\s*(\w+)/g)) {
        const fragment = fragments.get(name);
        if (!fragment || seen.has(fragment)) continue;
        seen.add(fragment);
        withFragments(fragment, seen);
      }
      return [source, ...seen].join('\n');
    };
    const operations = sources.filter((source) => /^\s*(query|mutation|subscription)/.test(source));
    expect(operations.length).toBeGreaterThan(5);
    for (const source of operations) {
      const answer = await lab.ask(withFragments(source).replaceAll(/@_\w+(\([^)]*\))?/g, ''));
      const refused = answer.errors.filter(({ extensions }) =>
        ['LIMIT_EXCEEDED', 'GRAPHQL_VALIDATION_FAILED', 'GRAPHQL_PARSE_FAILED'].includes(extensions.code),
      );
      expect(refused, source).toEqual([]);
    }
  });
});

describe('what breaks inside', () => {
  it('shows an id and leaves the rest to the log', async () => {
    const run = await addRun(lab.database, { name: 'broken' });
    await lab.database.prisma.$executeRaw`ALTER TABLE "LogLine" RENAME TO "LogLineGone"`;
    const { data, errors, status } = await lab.ask('query ($id: ID!) { run(id: $id) { name log { text } } }', { id: `Run-${run}` });
    await lab.database.prisma.$executeRaw`ALTER TABLE "LogLineGone" RENAME TO "LogLine"`;
    expect(status).toBe(200);
    expect(data).toEqual({ run: null });
    const [error] = errors;
    expect(error?.extensions).toEqual({ code: 'INTERNAL_SERVER_ERROR', id: expect.stringMatching(/^[0-9a-f]{8}$/) });
    expect(JSON.stringify(errors)).not.toMatch(/LogLine|prisma|node_modules|\.ts/i);
    const logged = lab.logged.find(({ id }) => id === error?.extensions.id);
    expect(JSON.stringify(logged)).toContain('LogLine');
  });

  it('does not show in errors about the request', async () => {
    for (const query of ['{', '{ nothing }', 'query A { server { version } } query B { server { version } }', 'mutation { cancelRun }']) {
      const { errors } = await lab.ask(query);
      expect(errors.length).toBeGreaterThan(0);
      expect(JSON.stringify(errors)).not.toMatch(/stack|node_modules/);
      expect(codes({ errors })).not.toContain('INTERNAL_SERVER_ERROR');
    }
  });

  it('is not an unknown id', async () => {
    for (const id of ['', 'Run-', 'Run-0', 'Run-99999999999', 'Nothing-1', 'Query-1', 'UnVuOjE=', 'Run-1; --', 'Evaluation-5', 'User-x']) {
      const { data, errors } = await lab.ask('query ($id: ID!) { node(id: $id) { id } }', { id });
      expect(errors).toEqual([]);
      expect(data).toEqual({ node: null });
    }
    expect((await lab.ask('{ run(id: "Checkpoint-1") { id } }')).errors[0]?.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      path: ['id'],
    });
    expect(await lab.ask('{ run(id: "x") { id } checkpoint(id: "Checkpoint-77") { id } project(name: "x") { id } }')).toMatchObject({
      data: { run: null, checkpoint: null, project: null },
      errors: [],
    });
  });
});

describe('the server', () => {
  it('says what runs', async () => {
    const { data } = await lab.ask(
      '{ server { version postgres embedded } datasets { name state classes shape hint splits { name images sha256 } } }',
    );
    expect(data.server).toEqual({ version: '0.0.0-test', postgres: expect.stringMatching(/^\d+\.\d+/), embedded: true });
    expect(data.datasets.find(({ name }: { name: string }) => name === 'mnist')).toMatchObject({
      state: 'READY',
      classes: 10,
      shape: [28, 28, 1],
      hint: null,
    });
  });
});
