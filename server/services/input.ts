/** Checks an input against its schema in engine/config.ts. */
import type { z } from 'zod';
import { issueInWords } from '../../engine/index.ts';
import { BadInputError } from '../errors.ts';

export type Path = readonly (string | number)[];

/** Throws BadInputError with everything that is wrong, each with its path. GraphQL's null counts as absent. */
export function check<Schema extends z.ZodType>(schema: Schema, value: unknown, path: Path): z.infer<Schema> {
  const result = schema.safeParse(withoutNulls(value));
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => {
    const place = [...path, ...(issue.path as (string | number)[])];
    return { message: `${nameOf(place)}: ${issueInWords(issue)}${valueAt(value, issue.path)}`, path: place };
  });
  throw new BadInputError(problems);
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
