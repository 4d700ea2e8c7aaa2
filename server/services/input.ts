/** Checks an input against its schema in engine/config.ts. */
import type { z } from 'zod';
import { BadInputError } from '../errors.ts';

export type Path = readonly (string | number)[];

/** Throws BadInputError with the path of the first value that is wrong. GraphQL's null counts as absent. */
export function check<Schema extends z.ZodType>(schema: Schema, value: unknown, path: Path): z.infer<Schema> {
  const result = schema.safeParse(withoutNulls(value));
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const place = [...path, ...((issue?.path ?? []) as (string | number)[])];
  throw new BadInputError(`${nameOf(place)}: ${issue?.message ?? 'invalid'}${valueAt(value, issue?.path ?? [])}`, place);
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
