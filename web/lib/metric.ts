/** How the value of a metric is written: its key and its values say whether it is a share. */
import { decimal, percent, points, special } from './format.ts';

/** Last parts of keys whose values are accuracies. */
const accuracies = /(^|[^a-z])(acc|accuracy|standard|robust|ood|top1|top5)$/i;

/** True for an accuracy between 0 and 1. One logged in percent is a number like any other. */
export const isShare = (key: string, low: number, high: number): boolean => accuracies.test(key) && low >= 0 && high <= 1;

export interface Measured {
  key: string;
  /** The last finite value. */
  last: number;
  /** What the last value is where it is no finite number. */
  special: string | null;
}

/** The last value of a metric: a share in percent, another number as it is, NaN as NaN. */
export function lastText({ key, last, special: name }: Measured): string {
  if (name !== null) return special(name);
  return isShare(key, last, last) ? percent(last) : decimal(last);
}

/** How far a value is from its base, in percentage points where both are shares; null where one is no number. */
export function differenceText(value: Measured, base: Measured): string | null {
  if (value.special !== null || base.special !== null) return null;
  const difference = value.last - base.last;
  if (isShare(value.key, Math.min(value.last, base.last), Math.max(value.last, base.last))) return points(difference);
  return difference > 0 ? `+${decimal(difference)}` : decimal(difference);
}
