/** A network without its weights, as records have it. */
import { EngineError } from '../errors.ts';
import { type ArchitectureName, type ArchitectureOptions, buildNetwork } from './architectures.ts';
import type { Input, Normalisation } from './input.ts';
import type { Network } from './network.ts';

export interface NetworkForm {
  architecture: ArchitectureName;
  /** What was chosen of the architecture; its defaults when absent. */
  architectureOptions?: ArchitectureOptions;
  /** The network's own; that of the dataset that it is used with when absent. */
  normalisation?: Normalisation;
}

/** What a network of this form normalises pixels with. Throws EngineError where it is for other channels than the dataset has. */
export function normalisationOf({ normalisation }: NetworkForm, { shape, normalisation: fallback }: Input): Normalisation {
  const channels = shape[2];
  const found = normalisation ?? fallback ?? { mean: Array(channels).fill(0), deviation: Array(channels).fill(1) };
  if (found.mean.length !== channels || found.deviation.length !== channels)
    throw new EngineError(`The network's normalisation is for ${found.mean.length} channels; the images have ${channels}.`);
  return found;
}

/**
 * The network of this form for a dataset's images and classes.
 * Throws EngineError for a normalisation of other channels, OptionsError for options that make no network.
 */
export function networkOf(form: NetworkForm, input: Input): Network {
  const normalisation = normalisationOf(form, input);
  return buildNetwork(form.architecture, form.architectureOptions ?? {}, { shape: input.shape, classes: input.classes, normalisation });
}
