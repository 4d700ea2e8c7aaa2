/** From what a family read out of names and shapes to a candidate. */
import type { ArchitectureName } from '../../config.ts';
import { type ArchitectureOptions, buildNetwork } from '../../models/architectures.ts';
import type { Input } from '../../models/input.ts';
import { OptionsError } from '../../models/options-error.ts';
import type { Candidate, StateDictAbout, Wish } from '../family.ts';

interface Inferred extends Omit<Candidate, 'network'> {
  architectureOptions: ArchitectureOptions;
}

/** The network of what was inferred, where the caller's options go before. None where it cannot be built or is not what is wanted. */
export function candidateOf(inferred: Inferred, input: Input, wish: Wish): Candidate[] {
  if (!isWanted(wish, inferred.architecture)) return [];
  const architectureOptions = { ...inferred.architectureOptions, ...wish.architectureOptions };
  try {
    return [{ ...inferred, architectureOptions, network: buildNetwork(inferred.architecture, architectureOptions, input) }];
  } catch (error) {
    if (error instanceof OptionsError) return [];
    throw error;
  }
}

export const isWanted = ({ architecture }: Wish, name: ArchitectureName) => architecture === undefined || architecture === name;

/** Shape of an entry; empty where there is none. */
export const shapeAt = (tensors: StateDictAbout, name: string): readonly number[] => tensors.get(name)?.shape ?? [];

/** How many of prefix 0, prefix 1 ... there are without a gap, each with a weight of the given name. */
export function countOf(tensors: StateDictAbout, weightOf: (index: number) => string): number {
  let count = 0;
  while (tensors.has(weightOf(count))) count++;
  return count;
}
