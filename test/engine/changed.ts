import { isDeepStrictEqual } from 'node:util';
import type { Weights } from '../../engine/weights/weights.ts';

/** Names of the entries whose values are not those of base. */
export const changedEntries = (base: Weights, weights: Weights): string[] =>
  Object.keys(weights).filter((name) => !isDeepStrictEqual(weights[name]?.data, base[name]?.data));
