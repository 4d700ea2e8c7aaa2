/** Cuts a stage into slices that any device may compute: what comes out does not depend on the cut. */
import type { Slice } from '../stages.ts';

/**
 * The slice's items: neighbours, so that they share what lies in front of them, and slices of about equal cost. All slices
 * together hold every item once, in order; a slice may be empty. All items when there is no slice.
 * @param costOf in any unit, positive
 */
export function shareOf<Item>(items: readonly Item[], slice: Slice | undefined, costOf: (item: Item) => number = () => 1): Item[] {
  if (!slice) return [...items];
  const total = items.reduce((sum, item) => sum + costOf(item), 0);
  let before = 0;
  return items.filter((item) => {
    const middle = before + costOf(item) / 2;
    before += costOf(item);
    return Math.floor((middle / total) * slice.of) === slice.index;
  });
}
