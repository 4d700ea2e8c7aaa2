/** Several fine-tuned networks of one base as one. */
import type { HostArray } from '../backends/backend.ts';
import { EngineError } from '../errors.ts';
import type { Weights } from './weights.ts';

export interface Merged {
  weights: Weights;
  /** Tensors that several have changed, and that are the mean of theirs. */
  averaged: string[];
}

const isSame = (first: HostArray, second: HostArray) => first.data.every((value, index) => Object.is(value, second.data[index]));

/** Names of the modules (and batch normalisations) that own tensors of these names, in their order. */
export function ownersOf(names: readonly string[]): string[] {
  return [...new Set(names.map((name) => name.slice(0, name.lastIndexOf('.'))))];
}

/**
 * Every tensor as the one that changed it has it; where several did, their mean; the base's where none did.
 * Throws EngineError where one is of another network.
 */
export function mergeWeights(base: Weights, tuned: readonly Weights[]): Merged {
  for (const weights of tuned) {
    const odd = Object.keys(base).find((name) => weights[name]?.shape.join() !== base[name]?.shape.join());
    if (odd) throw new EngineError(`The checkpoints are of different networks: ${odd} differs in shape.`);
  }
  const averaged: string[] = [];
  const merged = Object.entries(base).map(([name, array]) => {
    const changed = tuned.map((weights) => weights[name] as HostArray).filter((other) => !isSame(other, array));
    const [first] = changed;
    if (!first) return [name, array] as const;
    if (changed.length === 1) return [name, first] as const;
    averaged.push(name);
    const mean = (index: number) => changed.reduce((sum, { data }) => sum + (data[index] as number), 0) / changed.length;
    return [name, { ...array, data: Float32Array.from(array.data, (_, index) => mean(index)) }] as const;
  });
  return { weights: Object.fromEntries(merged), averaged };
}
