/** Scalars beyond GraphQL's own. */
import { GraphQLError, GraphQLScalarType, Kind, type ValueNode, valueFromASTUntyped } from 'graphql';

const bad = (message: string) => new GraphQLError(message);

function readTime(value: unknown): Date {
  const isTime = typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(value);
  const time = new Date(isTime ? value : Number.NaN);
  if (Number.isNaN(time.getTime()))
    throw bad(`A DateTime is an ISO 8601 time with offset, as "2026-11-23T12:00:00Z" (got ${JSON.stringify(value)}).`);
  return time;
}

export const DateTimeScalar = new GraphQLScalarType<Date, string>({
  name: 'DateTime',
  description: 'A time in ISO 8601 with offset, as "2026-11-23T12:00:00.000Z".',
  serialize: (value) => (value as Date).toISOString(),
  parseValue: readTime,
  parseLiteral: (node) => readTime(node.kind === Kind.STRING ? node.value : valueFromASTUntyped(node)),
});

export const JsonScalar = new GraphQLScalarType({
  name: 'JSON',
  description: 'Any JSON value.',
  serialize: (value) => value,
  parseValue: (value) => value,
  parseLiteral: (node, variables) => valueFromASTUntyped(node, variables),
});

function readLong(value: unknown): number {
  const number = typeof value === 'string' && /^-?\d{1,16}$/.test(value) ? Number(value) : value;
  if (!Number.isSafeInteger(number)) throw bad(`A Long is an integer between -(2^53 - 1) and 2^53 - 1 (got ${JSON.stringify(value)}).`);
  return number as number;
}

const literal = (node: ValueNode) => (node.kind === Kind.INT || node.kind === Kind.STRING ? node.value : valueFromASTUntyped(node));

export const LongScalar = new GraphQLScalarType<number, number>({
  name: 'Long',
  description: 'An integer beyond 32 bits: a step, a byte count. Exact up to 2^53 - 1.',
  serialize: (value) => readLong(typeof value === 'bigint' ? Number(value) : value),
  parseValue: readLong,
  parseLiteral: (node) => readLong(literal(node)),
});

function readSha256(value: unknown): string {
  if (typeof value !== 'string' || !/^[0-9a-f]{64}$/.test(value)) throw bad('A Sha256 is 64 lowercase hex digits.');
  return value;
}

export const Sha256Scalar = new GraphQLScalarType<string, string>({
  name: 'Sha256',
  description: '64 lowercase hex digits.',
  serialize: readSha256,
  parseValue: readSha256,
  parseLiteral: (node) => readSha256(valueFromASTUntyped(node)),
});
