/** Every list is bounded. */
import { BadInputError } from '../errors.ts';

export const longestPage = 500;
export const defaultPage = 50;

export interface PageChoice {
  first?: number | null;
  after?: string | null;
  last?: number | null;
  before?: string | null;
}

/** The page that is wanted: the first after a place, or the last before one. Throws BadInputError for both at once. */
export function pageOf({ first, after, last, before }: PageChoice) {
  if (before == null) {
    if (last != null) throw new BadInputError('last counts back from a cursor: give before too, or first instead.', ['last']);
    return { length: pageSize(first), edge: after == null ? null : { after } };
  }
  if (after != null) throw new BadInputError('A page begins after a cursor or ends before one: give after or before.', ['before']);
  return { length: pageSize(last, defaultPage, longestPage, 'last'), edge: { before } };
}

/** Throws BadInputError for a size outside 1 to `longest`; the default when absent. */
export function pageSize(first: number | null | undefined, usual = defaultPage, longest = longestPage, name = 'first'): number {
  const size = first ?? usual;
  if (size < 1 || size > longest) throw new BadInputError(`${name} lies between 1 and ${longest} (got ${size}).`, [name]);
  return size;
}
