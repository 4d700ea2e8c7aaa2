/** What differs between two sets of weights: how a fine-tuned checkpoint is stored. */
import type { HostArray } from '../backends/backend.ts';
import type { Weights } from './weights.ts';

function equal(first: HostArray, second: HostArray): boolean {
  return first.data.length === second.data.length && first.data.every((value, index) => Object.is(value, second.data[index]));
}

/** The entries of weights whose values are not those of base. */
export function difference(base: Weights, weights: Weights): Weights {
  return Object.fromEntries(Object.entries(weights).filter(([name, array]) => !base[name] || !equal(base[name], array)));
}

/** base with the changed entries put in place; undoes difference. */
export function applyDifference(base: Weights, changed: Weights): Weights {
  return { ...base, ...changed };
}

/** Names of the modules (and batch normalisations) that own the entries, in their order. */
export function modulesOfEntries(entries: Weights): string[] {
  return [...new Set(Object.keys(entries).map((name) => name.slice(0, name.lastIndexOf('.'))))];
}
