/** Whatever a client puts into an argument or an input field, over HTTP or a socket: a coded error or an answer, never an INTERNAL one. */
import {
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNamedType,
  isEnumType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { schema } from '../../../server/graphql/schema.ts';
import { startLab, type TestLab } from './lab.ts';
import { addCheckpoint, addRun } from './records.ts';
import { isNeeded, places, type SchemaInput } from './schema-walk.ts';

let lab: TestLab;

beforeAll(async () => {
  lab = await startLab();
  await addRun(lab.database, { name: 'seed', data: { state: 'FINISHED' }, params: { lr: 1 }, tags: { a: '1' }, metrics: { loss: 1 } });
  await addCheckpoint(lab.database, 'RESNET8', 'cifar10');
  await lab.database.prisma.interpolationSweep.create({ data: { runId: 1 } });
});

afterAll(() => lab.close());

const deep = (levels: number): unknown => Array.from({ length: levels }).reduce((inner) => [inner], 1);
const cursor = (content: unknown) => Buffer.from(JSON.stringify(content)).toString('base64url');

const texts = ['', ' ', '\n\t\v', "name like 'back\\'", "name = '", 'back\\', "'", '"', '`', '%', '$1', '\'; DROP TABLE "Run"; --']
  .concat(
    '\0',
    'a\0b',
    '\ud83d',
    '\ude00x',
    '\uffff',
    '\u202e\u200fabc',
    '👩\u200d🔬',
    'ﬀİß',
    'e\u0301',
    '😀'.repeat(200),
    'x'.repeat(900_000),
  )
  .concat('__proto__', 'constructor', 'toString', '../../etc/passwd', 'NaN', '1e999', '9'.repeat(400), 'null', '{"a":1}')
  .concat(
    'Run-',
    'Run-0',
    'Run--1',
    'Run-1e3',
    'Run-99999999999',
    'Project-1',
    'Nothing-1',
    'User-\u0001',
    'metrics.',
    'metrics.`',
    'tags.a',
  )
  .concat(
    cursor([1]),
    cursor(['x']),
    cursor({}),
    cursor(['a', '\0']),
    '2026-02-30T00:00:00Z',
    '9999-12-31T23:59:59+00:00',
    '+275760-09-13',
  );
const numbers = [0, -1, 1, 0.5, 2 ** 31 - 1, 2 ** 31, -(2 ** 31) - 1, 2 ** 53 - 1, 2 ** 53, 1e308, -1e308, 5e-324];
const others = [null, true, [], {}, [[]], [null], JSON.parse('{"__proto__":{"x":1}}'), deep(1000), Array(5000).fill(1), { a: 'a\0' }];

function valuesFor(type: GraphQLInputType): unknown[] {
  const { name } = getNamedType(type);
  const fitting = ['Int', 'Float', 'Long', 'Boolean'].includes(name) ? [...numbers, '', 'x', '1e999', 'a\0'] : [...texts, 1, -1, 1e308];
  const all = isEnumType(getNamedType(type)) ? ['', 'x', '__proto__', 'a\0'] : fitting;
  const inner = isNonNullType(type) ? type.ofType : type;
  return [...(isListType(inner) ? all.map((value) => [value]) : all), ...others];
}

/** What is asked of the answer: every leaf that needs no argument, also of what is listed. */
function selection(type: GraphQLOutputType, levels = 3): string {
  const named = getNamedType(type);
  if (!isObjectType(named) && !isInterfaceType(named)) return isLeafType(named) ? '' : '{ __typename }';
  const fields = Object.values(named.getFields()).filter(({ args }) => !args.some(isNeeded));
  const asked = fields.flatMap((field) => {
    if (isLeafType(getNamedType(field.type))) return [field.name];
    const isListed = ['nodes', 'edges', 'node', 'hints', 'rows', 'pageInfo', 'token', 'user'].includes(field.name);
    return levels > 0 && isListed ? [`${field.name} ${selection(field.type, levels - 1)}`] : [];
  });
  return `{ __typename ${asked.join(' ')} }`;
}

/** Names of inputs, with their types, that have had every value. */
const tried = new Map<string, string>();

/** Where an input of the same name and type has had every value, as in the second mutation that takes a project, each seventh. */
function sampleOf({ name, type }: SchemaInput, coordinate: string): unknown[] {
  const all = valuesFor(type);
  const first = tried.get(`${name}: ${type}`) ?? coordinate;
  tried.set(`${name}: ${type}`, first);
  if (first === coordinate) return all;
  const from = coordinate.length % 7;
  return all.filter((_, index) => index % 7 === from);
}

interface Case {
  name: string;
  query: string;
  variables: Record<string, unknown>;
}

type Kind = 'query' | 'mutation' | 'subscription';

function casesOf(kind: Kind, field: GraphQLField<unknown, unknown>, visited: Set<string>, owner: GraphQLObjectType | null = null): Case[] {
  const declared = field.args
    .map(({ name, type }) => `$${name}: ${String(type).replace(/!$/, isNullable(name, field) ? '' : '!')}`)
    .join(', ');
  const passed = field.args.map(({ name }) => `${name}: $${name}`).join(', ');
  const asked = `${field.name}(${passed}) ${selection(field.type)}`;
  const body = owner ? `node(id: "${owner.name}-1") { ... on ${owner.name} { ${asked} } }` : asked;
  return [...places(owner?.name ?? field.name, field.args, visited)].flatMap(({ coordinate, input, given }) =>
    sampleOf(input, coordinate).map((value) => ({
      name: `${kind} ${field.name} ${coordinate} = ${(JSON.stringify(value) ?? '').slice(0, 60)}`,
      query: `${kind} (${declared}) { ${body} }`,
      variables: given(value),
    })),
  );
}

/** A variable may be left out where the argument has a default. */
const isNullable = (name: string, field: GraphQLField<unknown, unknown>) =>
  field.args.find((one) => one.name === name)?.defaultValue !== undefined;

function allCases(kind: Kind): Case[] {
  const visited = new Set<string>();
  const root = { query: schema.getQueryType(), mutation: schema.getMutationType(), subscription: schema.getSubscriptionType() }[kind];
  const cases = Object.values(root?.getFields() ?? {}).flatMap((field) => casesOf(kind, field, visited));
  if (kind !== 'query') return cases;
  const nodes = Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .filter((type) => type.getInterfaces().some(({ name }) => name === 'Node'));
  return cases.concat(nodes.flatMap((type) => Object.values(type.getFields()).flatMap((field) => casesOf('query', field, visited, type))));
}

const codes = new Set([
  'BAD_USER_INPUT',
  'NOT_FOUND',
  'FORBIDDEN',
  'CONFLICT',
  'LIMIT_EXCEEDED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_REQUEST',
]);

interface Problem {
  message: string;
  extensions?: { code?: string };
}

const uncoded = ({ name }: Case, errors: readonly Problem[]) =>
  errors.flatMap(({ message, extensions }) =>
    codes.has(extensions?.code ?? '') ? [] : [`${name}: ${extensions?.code} ${message.slice(0, 200)}`],
  );

/** Eight at a time. */
async function all(cases: readonly Case[], ask: (one: Case) => Promise<string[]>): Promise<string[]> {
  const found: string[] = [];
  const left = [...cases];
  const worker = async () => {
    for (let one = left.pop(); one; one = left.pop()) found.push(...(await ask(one)));
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return found;
}

const overHttp = async (one: Case) => {
  const { status, errors } = await lab.ask(one.query, one.variables);
  return [...uncoded(one, errors), ...(status >= 500 ? [`${one.name}: HTTP ${status}`] : [])];
};

const timeout = 600_000;

describe('values of every kind', () => {
  it('reach every argument and input field of the schema', () => {
    const places = (kind: Kind) => new Set(allCases(kind).map(({ name }) => name.split(' ')[2])).size;
    expect(places('query')).toBeGreaterThan(30);
    expect(places('mutation')).toBeGreaterThan(80);
    expect(places('subscription')).toBeGreaterThan(1);
  });

  it.each(['query', 'mutation'] as const)('over HTTP, in a %s, are answered or refused with a code', { timeout }, async (kind) => {
    expect(await all(allCases(kind), overHttp)).toEqual([]);
    expect(lab.logged).toEqual([]);
  });

  it('over HTTP, as literals, are answered or refused with a code', { timeout }, async () => {
    const literals = texts.filter((text) => text.length < 10_000).map((text) => JSON.stringify(text));
    const cases = literals.flatMap((text) =>
      [`runs(filter: ${text}) { totalCount }`, `runs(orderBy: [{ by: ${text} }]) { totalCount }`, `node(id: ${text}) { id }`].map(
        (body) => ({
          name: `${body} = ${text}`,
          query: `{ ${body} }`,
          variables: {},
        }),
      ),
    );
    const parsed = async (one: Case) => (await overHttp(one)).filter((line) => !line.includes('GRAPHQL_PARSE_FAILED'));
    expect(await all(cases, parsed)).toEqual([]);
  });

  it.each(['query', 'mutation'] as const)(
    'over a socket, each tenth in a %s, are answered or refused with a code',
    { timeout },
    async (kind) => {
      const client = lab.connect(lab.admin);
      const overSocket = (one: Case) =>
        new Promise<string[]>((resolve) => {
          let found: string[] = [];
          client.subscribe(one, {
            next: ({ errors = [] }) => (found = uncoded(one, errors as Problem[])),
            error: (error) => resolve(Array.isArray(error) ? uncoded(one, error) : [`${one.name}: ${String(error)}`]),
            complete: () => resolve(found),
          });
        });
      const cases = allCases(kind).filter((one, index) => index % 10 === 0 && JSON.stringify(one).length < 100_000);
      expect(await all(cases, overSocket)).toEqual([]);
      await client.dispose();
      expect(lab.logged).toEqual([]);
    },
  );

  it('in a subscription, are heard or refused with a code', { timeout }, async () => {
    const client = lab.connect(lab.admin);
    for (const one of allCases('subscription').filter(({ name }) => !name.includes('xxxxx'))) {
      const answer = await new Promise<readonly Problem[]>((resolve) => {
        const end = client.subscribe(one, {
          next: ({ errors = [] }) => resolve(errors as Problem[]),
          error: (error) => resolve(Array.isArray(error) ? error : [{ message: String(error) }]),
          complete: () => resolve([]),
        });
        const waiting = setInterval(() => {
          if (lab.api.lab.live.subscribers() === 0) return;
          clearInterval(waiting);
          end();
          resolve([]);
        }, 20);
      });
      expect(uncoded(one, answer)).toEqual([]);
    }
    await client.dispose();
  });
});

describe('the same at once', () => {
  const twelve = (query: string, variables: object = {}) => Promise.all(Array.from({ length: 12 }, () => lab.ask(query, variables)));
  const outcomes = (answers: Awaited<ReturnType<typeof twelve>>) =>
    answers.map(({ errors }) => errors[0]?.extensions.code ?? 'done').sort();

  it('makes one project, and tells the other eleven', async () => {
    const answers = await twelve('mutation { createProject(input: { name: "at once" }) { id } }');
    expect(outcomes(answers)).toEqual([...Array(11).fill('CONFLICT'), 'done']);
    const refused = answers.find(({ errors }) => errors.length > 0)?.errors[0];
    expect(refused?.extensions).toEqual({ code: 'CONFLICT', path: ['input', 'name'] });
    expect(await lab.database.prisma.project.count({ where: { name: 'at once' } })).toBe(1);
  });

  it('invites one member, and tells the others', async () => {
    const answers = await twelve('mutation { inviteUser(email: "twelve@example.org", name: "T") { user { id } } }');
    expect(outcomes(answers)).toEqual([...Array(11).fill('CONFLICT'), 'done']);
  });

  it('sets and deletes tags in any order, without a conflict', async () => {
    const run = await addRun(lab.database, { name: 'tagged' });
    const keys = ['a', 'b', 'c', 'd'];
    const change = (from: number) => keys.map((_, index) => ({ key: keys[(from + index) % 4], value: String(from) }));
    const mutation =
      'mutation ($id: ID!, $setTags: [TagInput!], $deleteTags: [String!]) { updateRun(id: $id, setTags: $setTags, deleteTags: $deleteTags) { id } }';
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, from) =>
        lab.ask(mutation, { id: `Run-${run}`, setTags: change(from), deleteTags: from % 3 ? [] : ['e'] }),
      ),
    );
    expect(outcomes(answers)).toEqual(Array(12).fill('done'));
  });

  it('makes as many tokens and runs as were asked for', async () => {
    expect(outcomes(await twelve('mutation { createApiToken(name: "same") { secret } }'))).toEqual(Array(12).fill('done'));
    const input = { project: 'p', training: { architecture: 'SMALL_CNN', dataset: 'mnist', trainImages: 100, epochs: 1 } };
    const start = 'mutation ($input: StartTrainingInput!) { startTraining(input: $input) { id } }';
    expect(outcomes(await twelve(start, { input }))).toEqual(Array(12).fill('done'));
  });

  it('cancels a run once', async () => {
    const input = { project: 'p', training: { architecture: 'SMALL_CNN', dataset: 'mnist', trainImages: 100, epochs: 1 } };
    const { data } = await lab.ask('mutation ($input: StartTrainingInput!) { startTraining(input: $input) { id } }', { input });
    const answers = await twelve('mutation ($id: ID!) { cancelRun(id: $id) { id } }', data.startTraining);
    expect(outcomes(answers)).toEqual([...Array(11).fill('CONFLICT'), 'done']);
  });
});
