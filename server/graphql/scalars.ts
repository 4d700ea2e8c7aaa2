/** Scalars beyond GraphQL's own. */
import { GraphQLError, GraphQLScalarType, Kind, type ValueNode, valueFromASTUntyped } from 'graphql';
import { hasZone, readTime } from '../time.ts';

const bad = (message: string) => new GraphQLError(message);

/** What a client sent, short enough for a message. */
const shown = (value: unknown) => {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
};

function readInstant(value: unknown): Date {
  const time = typeof value === 'string' && hasZone(value) ? readTime(value) : null;
  if (!time) throw bad(`A DateTime is an ISO 8601 time with offset, as "2026-11-23T12:00:00Z" (got ${shown(value)}).`);
  return time;
}

export const DateTimeScalar = new GraphQLScalarType<Date, string>({
  name: 'DateTime',
  description: 'A time in ISO 8601 with offset, as "2026-11-23T12:00:00.000Z".',
  serialize: (value) => (value as Date).toISOString(),
  parseValue: readInstant,
  parseLiteral: (node) => readInstant(node.kind === Kind.STRING ? node.value : valueFromASTUntyped(node)),
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
  if (!Number.isSafeInteger(number)) throw bad(`A Long is an integer between -(2^53 - 1) and 2^53 - 1 (got ${shown(value)}).`);
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
