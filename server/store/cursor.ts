/** Places in a list, as clients get them. A cursor belongs to one list: the same rows, the same conditions, the same order. */
import { createHash } from 'node:crypto';
import { BadInputError } from '../errors.ts';

type Values = readonly (string | null)[];

const signature = (list: unknown) => createHash('sha256').update(JSON.stringify(list)).digest('base64url').slice(0, 11);

/** list: all that tells the list from others. */
export const encodeCursor = (list: unknown, values: Values): string =>
  Buffer.from(JSON.stringify([signature(list), ...values])).toString('base64url');

/** For what no page returned. */
export const wrongCursor = (argument: 'after' | 'before' = 'after') =>
  new BadInputError('This is not a cursor that an earlier page returned.', [argument]);

/** Throws BadInputError with the argument's name for what no page of this list returned. */
export function decodeCursor(list: unknown, cursor: string, argument: 'after' | 'before' = 'after'): (string | null)[] {
  const bytes = Buffer.from(cursor, 'base64url');
  let content: unknown = null;
  try {
    content = JSON.parse(bytes.toString());
  } catch {}
  const isValue = (value: unknown) => value === null || typeof value === 'string';
  if (!Array.isArray(content) || bytes.toString('base64url') !== cursor || !content.every(isValue)) throw wrongCursor(argument);
  const [own, ...values] = content as (string | null)[];
  if (own === signature(list)) return values;
  throw new BadInputError('This cursor belongs to another list, filter or order: start again without it.', [argument]);
}
