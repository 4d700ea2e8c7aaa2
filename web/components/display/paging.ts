'use client';
import { useRef } from 'react';
import { useAddress } from './address.ts';

/** Taken out of the address with every change of what is listed. */
export const firstPage = { page: null, after: null };

/** The page of a list that the address names. choice: whatever else decides what is listed. */
export function usePaging(choice: string) {
  const { read, write } = useAddress();
  const after = read('after');
  const number = after ? Math.max(2, Number.parseInt(read('page') ?? '2', 10) || 2) : 1;
  /** Cursors of the pages that were seen, so that one can go back to them. */
  const seen = useRef({ choice, cursors: new Map<number, string>() });
  if (seen.current.choice !== choice) seen.current = { choice, cursors: new Map() };
  if (after) seen.current.cursors.set(number, after);

  const go = (page: number, cursor: string) => write({ values: { page: String(page), after: cursor } });
  const first = () => write({ values: firstPage });
  const before = seen.current.cursors.get(number - 1);
  return {
    number,
    after,
    first: number > 1 ? first : undefined,
    /** Undefined where a link led to the middle of the list: only the first page is known then. */
    previous: number === 2 ? first : before ? () => go(number - 1, before) : undefined,
    /** Given the end of this page. */
    next: (cursor: string) => go(number + 1, cursor),
  };
}
