'use client';
import { useRef } from 'react';
import { useAddress } from './address.ts';

/** Taken out of the address with every change of what is listed. */
export const firstPage = { page: null, after: null };

/** Where the page begins that comes before this place in the list; null for the first page, undefined where it can't be told. */
type LookBack = (after: string) => Promise<string | null | undefined>;

/** The place of a cursor that so many items lie before; lookBack of a list whose pages have that length. */
export const placeBefore = (cursors: readonly string[] | undefined, length: number): string | null | undefined =>
  cursors && (cursors.length < length ? null : cursors[0]);

/** The page of a list that the address names. choice: whatever else decides what is listed. */
export function usePaging(choice: string, lookBack: LookBack) {
  const { read, write } = useAddress();
  const after = read('after');
  const number = after ? Math.max(2, Number.parseInt(read('page') ?? '2', 10) || 2) : 1;
  /** Cursors of the pages that were seen; others are looked up when one goes back to them. */
  const seen = useRef({ choice, cursors: new Map<number, string>() });
  if (seen.current.choice !== choice) seen.current = { choice, cursors: new Map() };
  if (after) seen.current.cursors.set(number, after);

  const go = (page: number, cursor: string) => write({ values: { page: String(page), after: cursor } });
  const first = () => write({ values: firstPage });
  const previous = async () => {
    if (!after || number === 2) return first();
    const before = seen.current.cursors.get(number - 1) ?? (await lookBack(after));
    if (before) go(number - 1, before);
    else if (before === null) first();
  };
  return {
    number,
    after,
    first: number > 1 ? first : undefined,
    previous: number > 1 ? previous : undefined,
    /** Given the end of this page. */
    next: (cursor: string) => go(number + 1, cursor),
  };
}
