/** Values of every kind for every argument and input field of the schema. */
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
import { schema } from '../../../server/graphql/schema.ts';
import { isNeeded, places, type SchemaInput } from './schema-walk.ts';

const deep = (levels: number): unknown => Array.from({ length: levels }).reduce((inner) => [inner], 1);
const cursor = (content: unknown) => Buffer.from(JSON.stringify(content)).toString('base64url');

export const texts = ['', ' ', '\n\t\v', "name like 'back\\'", "name = '", 'back\\', "'", '"', '`', '%', '$1', '\'; DROP TABLE "Run"; --']
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

export interface Case {
  name: string;
  query: string;
  variables: Record<string, unknown>;
}

export type Kind = 'query' | 'mutation' | 'subscription';

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

export function allCases(kind: Kind): Case[] {
  const visited = new Set<string>();
  const root = { query: schema.getQueryType(), mutation: schema.getMutationType(), subscription: schema.getSubscriptionType() }[kind];
  const cases = Object.values(root?.getFields() ?? {}).flatMap((field) => casesOf(kind, field, visited));
  if (kind !== 'query') return cases;
  const nodes = Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .filter((type) => type.getInterfaces().some(({ name }) => name === 'Node'));
  return cases.concat(nodes.flatMap((type) => Object.values(type.getFields()).flatMap((field) => casesOf('query', field, visited, type))));
}
