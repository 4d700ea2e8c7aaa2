/**
 * Checkpoint files: weights in the official names and PyTorch's layout, and in the metadata what a plain PyTorch script needs to
 * build the network around them.
 */
import type { TrainingConfig } from '../config.ts';
import { findDataset } from '../data/catalogue.ts';
import { checkOptions } from '../models/architectures.ts';
import { type NetworkForm, networkOf, normalisationOf } from '../models/form.ts';
import { modulesOf } from '../models/modules.ts';
import type { Network } from '../models/network.ts';
import type { Parameter } from '../models/parameters.ts';
import { parseSafetensors } from './safetensors.ts';
import { writeWeights } from './state-dict.ts';
import type { Weights } from './weights.ts';

export interface CheckpointAbout extends NetworkForm {
  dataset: string;
  variant?: string | null;
  /** How the weights, or those that they come from, were trained: JSON. */
  training?: string | undefined;
}

/** Of weights that this training gave; its settings are in the file as JSON, every default resolved. */
export function aboutTraining(config: TrainingConfig): CheckpointAbout {
  const { architecture, architectureOptions, dataset, ...training } = config;
  return { architecture, architectureOptions, dataset, variant: config.variant, training: JSON.stringify(training) };
}

/** How the weights of a checkpoint's file were trained, where it says so. */
export function trainingOfFile(bytes: Uint8Array): string | undefined {
  return parseSafetensors(bytes).metadata.training;
}

/** What stands in a file for an entry that the official class has and never uses. */
export function fillerOf({ shape, initialisation }: Parameter): Float32Array<ArrayBuffer> {
  const size = shape.reduce((product, length) => product * length, 1);
  return new Float32Array(size).fill('constant' in initialisation ? initialisation.constant : 0);
}

/** The weights with the entries that the official class has and never uses, so that they load strictly. */
export function completeWeights(network: Network, weights: Weights): Weights {
  const fillers = (network.unused?.parameters ?? []).map(
    (entry) => [entry.name, { shape: entry.shape, dtype: 'float32' as const, data: fillerOf(entry) }] as const,
  );
  return { ...weights, ...Object.fromEntries(fillers) };
}

/** Metadata of a checkpoint's file: text, or JSON where a value has parts. */
export function checkpointMetadata({ dataset: name, variant, training, ...form }: CheckpointAbout): Record<string, string> {
  const dataset = findDataset(name);
  const network = networkOf(form, dataset);
  const [height, width, channels] = dataset.shape;
  const { mean, deviation } = normalisationOf(form, dataset);
  return {
    format: 'pt',
    architecture: form.architecture,
    architectureOptions: JSON.stringify(checkOptions(form.architecture, form.architectureOptions ?? {})),
    dataset: dataset.name,
    ...(variant && { variant }),
    ...(training && { training }),
    classes: String(dataset.classes),
    shape: JSON.stringify([channels, height, width]),
    normalisation: JSON.stringify({ mean, sd: deviation }),
    modules: JSON.stringify(modulesOf(network).map((module) => module.name)),
    ...(network.unused && { unused: network.unused.prefix }),
  };
}

/** The bytes of a checkpoint's file. */
export function writeCheckpoint(about: CheckpointAbout, weights: Weights): Uint8Array {
  const network = networkOf(about, findDataset(about.dataset));
  return writeWeights(completeWeights(network, weights), checkpointMetadata(about));
}
