/** What the process that reads files from elsewhere is asked, and what it answers: one file a process. */
import type { ArchitectureName, Variant } from '../config.ts';
import type { DatasetForm } from '../data/catalogue.ts';
import type { ArchitectureOptions } from '../models/architectures.ts';
import type { Normalisation } from '../models/input.ts';
import type { CheckpointFormat } from '../weights/foreign-file.ts';
import type { Written } from './convert.ts';
import type { Wish } from './family.ts';
import type { Fault } from './refusal.ts';

export interface ReadRequest extends Wish {
  /** Path of the file. */
  file: string;
  /** Path of a new file for the weights in the official names; nothing is written when absent. */
  output?: string | undefined;
  /** Where the weights are inside the file, as `ema.state_dict`; a usual place when absent. */
  stateDict?: string | undefined;
  dataset?: string | undefined;
  /** A lab's own, which names and shapes may be of too. */
  ownDatasets: readonly DatasetForm[];
  variant?: Variant | undefined;
  normalisation?: Normalisation | undefined;
  /** Of resident memory, for the whole process. */
  limitBytes: number;
}

/** What the file holds. */
export interface Found {
  format: CheckpointFormat;
  /** Where its weights were found, and where else there are some. */
  stateDict: string;
  otherStateDicts: string[];
  architecture: ArchitectureName;
  /** With the architecture's defaults filled in. */
  architectureOptions: ArchitectureOptions;
  normalisation: Normalisation;
  dataset: string;
  /** Where else the network would fit. */
  otherDatasets: string[];
  /** What names and shapes do not say, and was taken to be as it is in files of this kind. */
  assumed: string[];
  variant: Variant | null;
  /** Learned numbers. */
  parameters: number;
  /** Null where nothing was to be written. */
  written: Written | null;
}

export interface Refused {
  type: 'refused';
  fault: Fault;
  /** Of the value that is wrong, within what is at fault. */
  place: readonly (string | number)[];
  message: string;
  hint?: string | undefined;
}

export type Reply = { type: 'ready' } | { type: 'found'; found: Found } | Refused | { type: 'failed'; message: string };
