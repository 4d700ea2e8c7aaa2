/** Every list that a client can send has a bound, stated in the schema, and is refused at once where it is longer. */
import { getNamedType, isInputObjectType, isNonNullType, isObjectType } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { schema } from '../../../server/graphql/schema.ts';
import { startLab, type TestLab } from './lab.ts';
import { allInputs, isList } from './schema-walk.ts';

let lab: TestLab;

beforeAll(async () => {
  lab = await startLab();
});

afterAll(() => lab.close());

describe('a list in the schema', () => {
  it('has a bound of at most 10,000 items, whatever it is', () => {
    const lists = allInputs().filter(([, input]) => isList(input));
    expect(lists.length).toBeGreaterThan(8);
    const unbounded = lists.filter(([, { extensions }]) => !((extensions.most as number) <= 10_000)).map(([coordinate]) => coordinate);
    expect(unbounded).toEqual([]);
  });

  it('is no list of lists', () => {
    const nested = allInputs().filter(([, { type }]) => String(type).replace(/[^[]/g, '').length > 1);
    expect(nested.map(([coordinate]) => coordinate)).toEqual([]);
  });
});

describe('too much', () => {
  const listed = 'query ($orderBy: [RunOrder!]) { runs(orderBy: $orderBy) { totalCount } }';

  it('is refused before anything is looked up: 40,000 keys of an order', async () => {
    const { status, errors } = await lab.ask(listed, { orderBy: Array(40_000).fill({ by: 'metrics.a' }) });
    expect(status).toBe(400);
    expect(errors).toEqual([
      { message: 'orderBy has at most 10 items (got 40000).', extensions: { code: 'LIMIT_EXCEEDED', path: ['orderBy'] } },
    ]);
  });

  it('is refused in literals, in defaults and within inputs too', async () => {
    const eleven = `[${Array(11).fill('{ by: "name" }').join(' ')}]`;
    const asked = [
      await lab.ask(`{ runs(orderBy: ${eleven}) { totalCount } }`),
      await lab.ask(`query ($orderBy: [RunOrder!] = ${eleven}) { runs(orderBy: $orderBy) { totalCount } }`),
      await lab.ask(`{ projects { nodes { runs(orderBy: ${eleven}) { totalCount } } } }`),
    ];
    for (const { errors } of asked) expect(errors[0]?.extensions).toEqual({ code: 'LIMIT_EXCEEDED', path: ['orderBy'] });
    const tags = Array(101).fill({ key: 'a', value: 'b' });
    const start = 'mutation ($input: StartTrainingInput!) { startTraining(input: $input) { id } }';
    const input = { project: 'p', training: { architecture: 'RESNET8', dataset: 'mnist' }, tags };
    expect((await lab.ask(start, { input })).errors[0]?.extensions).toEqual({ code: 'LIMIT_EXCEEDED', path: ['input', 'tags'] });
  });

  it('is refused of every list of the queries and mutations', async () => {
    const kinds = { query: schema.getQueryType(), mutation: schema.getMutationType() };
    for (const [operation, root] of Object.entries(kinds)) {
      for (const field of Object.values(root?.getFields() ?? {})) {
        for (const argument of field.args.filter(isList)) {
          const most = argument.extensions.most as number;
          const item = isInputObjectType(getNamedType(argument.type)) ? {} : 'x';
          const others = field.args.filter((one) => one !== argument && isNonNullType(one.type) && one.defaultValue === undefined);
          const given = others.map(({ name }) => `${name}: "x"`).join(' ');
          const body = isObjectType(getNamedType(field.type)) ? '{ __typename }' : '';
          const text = `${operation} ($v: ${argument.type}) { ${field.name}(${given} ${argument.name}: $v) ${body} }`;
          const { errors } = await lab.ask(text, { v: Array(most + 1).fill(item) });
          expect([field.name, errors[0]?.extensions]).toEqual([field.name, { code: 'LIMIT_EXCEEDED', path: [argument.name] }]);
        }
      }
    }
  });

  it('is a text of more than 10,000 characters, where nothing else is said', async () => {
    const { errors } = await lab.ask('query ($name: String!) { project(name: $name) { id } }', { name: 'x'.repeat(10_001) });
    expect(errors[0]?.extensions).toEqual({ code: 'LIMIT_EXCEEDED', path: ['name'] });
    expect(JSON.stringify(errors).length).toBeLessThan(300);
  });
});

describe('a text', () => {
  it.each([
    ['NUL', 'a\0b'],
    ['half of a surrogate pair', 'a\ud83d'],
    ['the other half', '\ude00b'],
  ])('with %s is refused where it stands, and kept nowhere', async (_what, text) => {
    const bad = (path: (string | number)[]) => ({ code: 'BAD_USER_INPUT', path });
    const create = 'mutation ($input: CreateProjectInput!) { createProject(input: $input) { id } }';
    const made = await lab.ask(create, { input: { name: 'p', description: text } });
    expect(made.errors[0]?.extensions).toEqual(bad(['input', 'description']));
    const ordered = await lab.ask('query ($orderBy: [RunOrder!]) { runs(orderBy: $orderBy) { totalCount } }', {
      orderBy: [{ by: 'name' }, { by: text }],
    });
    expect(ordered.errors[0]?.extensions).toEqual(bad(['orderBy', 1, 'by']));
    expect((await lab.ask('query ($id: ID!) { run(id: $id) { id } }', { id: text })).errors[0]?.extensions).toEqual(bad(['id']));
    expect(await lab.database.prisma.project.count()).toBe(0);
  });

  it('may hold whole surrogate pairs, and marks of direction', async () => {
    const { data, errors } = await lab.ask('query ($filter: String) { runs(filter: $filter) { totalCount } }', {
      filter: "name = '😀\u202e\u200f'",
    });
    expect([errors, data.runs]).toEqual([[], { totalCount: 0 }]);
  });
});

it('a null is refused where something must be, with what to do where there is a default', async () => {
  const start = 'mutation ($input: StartTrainingInput!) { startTraining(input: $input) { id } }';
  const messageOf = async (input: object | null) => (await lab.ask(start, { input })).errors[0]?.message;
  expect(await messageOf(null)).toBe('input must not be null.');
  expect(await messageOf({ project: null })).toBe('project must not be null.');
  expect(await messageOf({ project: 'p', seed: null })).toBe('seed must not be null: leave it out for its default.');
});
