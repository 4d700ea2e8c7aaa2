/** Checks an input against its schema in engine/config.ts. */
import type { z } from 'zod';
import { BadInputError } from '../errors.ts';

export type Path = readonly (string | number)[];

/** Throws BadInputError with everything that is wrong, each with its path. GraphQL's null counts as absent. */
export function check<Schema extends z.ZodType>(schema: Schema, value: unknown, path: Path): z.infer<Schema> {
  const result = schema.safeParse(withoutNulls(value));
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => {
    const place = [...path, ...(issue.path as (string | number)[])];
    return { message: `${nameOf(place)}: ${inWords(issue)}${valueAt(value, issue.path)}`, path: place };
  });
  throw new BadInputError(problems);
}

/** How the checker's own messages begin. */
const ownWords = /^(Too (small|big)|Invalid (input|option))/;

/** What is asked for, without the checker's own vocabulary; messages that a schema has written itself stay. */
function inWords(issue: z.core.$ZodIssue): string {
  if (!ownWords.test(issue.message)) return issue.message;
  switch (issue.code) {
    case 'too_small':
      return `must be ${limit(issue.origin, issue.inclusive === false ? 'more than' : 'at least', issue.minimum)}`;
    case 'too_big':
      return `must be ${limit(issue.origin, issue.inclusive === false ? 'less than' : 'at most', issue.maximum)}`;
    case 'invalid_type':
      return `must be ${kinds[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.join(', ')}`;
    default:
      return issue.message;
  }
}

const kinds: Record<string, string> = {
  int: 'a whole number',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

function limit(origin: string, comparison: string, bound: number | bigint): string {
  if (origin === 'string') return `${comparison} ${bound} ${bound === 1 ? 'character' : 'characters'} long`;
  if (origin === 'array') return `a list of ${comparison} ${bound}`;
  return `${comparison} ${bound}`;
}

/** `input.interpolation.alphas[2]`. */
export const nameOf = (path: Path) =>
  path.reduce<string>((name, part) => (typeof part === 'number' ? `${name}[${part}]` : name ? `${name}.${part}` : part), '');

function valueAt(value: unknown, path: readonly PropertyKey[]): string {
  const found = path.reduce<unknown>((inner, part) => (inner as Record<PropertyKey, unknown> | undefined)?.[part], value);
  return found === undefined || found === null || typeof found === 'object' ? '' : ` (got ${JSON.stringify(found)})`;
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (value === null || typeof value !== 'object' || value instanceof Date) return value ?? undefined;
  const entries = Object.entries(value).filter(([, inner]) => inner !== null && inner !== undefined);
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutNulls(inner)]));
}
