/** What a family of networks is, as files of other people's programs have it: how to tell it, and how its names map to ours. */
import type { ArchitectureName } from '../config.ts';
import type { Input } from '../models/input.ts';
import type { Network } from '../models/network.ts';

/** A tensor of a file before its values are read. */
export interface TensorAbout {
  /** In PyTorch's order: convolutions out x in x height x width, linear out x in. */
  shape: readonly number[];
  /** False for counters and masks. */
  holdsFloats: boolean;
  /** Where its values lie in the file, equal for two names of the same values; undefined where each has its own. */
  place?: string | undefined;
}

/** By the name in the file, in the file's order, without prefixes that all weights share and without counters. */
export type StateDictAbout = ReadonlyMap<string, TensorAbout>;

/** A network that a state dict may be of. Whether it is, its names and shapes decide (recognise.ts). */
export interface Candidate {
  architecture: ArchitectureName;
  /** As the API takes them; empty where the architecture has none. */
  architectureOptions: Readonly<Record<string, unknown>>;
  network: Network;
  /** The name in the file of one of the network's entries; the same name when absent. */
  nameInFile?(entry: string): string;
  /** What names and shapes do not say, and was taken to be as it is in the files of this kind. */
  assumed?: string[];
  /** What has to be said before the network can be used: several networks have these names and shapes. */
  undecided?: string | undefined;
  /** Further entries of the file that the network has no use for. */
  isUnused?(name: string): boolean;
}

/** What the caller says. Files say nothing for sure. */
export interface Wish {
  architecture?: ArchitectureName | undefined;
  architectureOptions?: Readonly<Record<string, unknown>> | undefined;
}

export interface Family {
  /**
   * The networks for this input that the state dict may be of, the likeliest first; none where it looks like something else.
   * It infers from names and shapes; that a candidate fits entry by entry is checked by the caller. A wish that names an
   * architecture or options leaves only candidates with them. Throws nothing, whatever the file has.
   */
  candidates(tensors: StateDictAbout, input: Input, wish: Wish): Candidate[];
}
