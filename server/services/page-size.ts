/** Every list is bounded. */
import { BadInputError } from '../errors.ts';

export const longestPage = 500;
export const defaultPage = 50;

/** Throws BadInputError for a size outside 1 to `longest`; the default when absent. */
export function pageSize(first: number | null | undefined, usual = defaultPage, longest = longestPage, name = 'first'): number {
  const size = first ?? usual;
  if (size < 1 || size > longest) throw new BadInputError(`${name} lies between 1 and ${longest} (got ${size}).`, [name]);
  return size;
}
