/** What a network is made of, without weights: for checks before a run starts. */
import type { ArchitectureName } from '../config.ts';
import { findDataset } from '../data/catalogue.ts';
import { checkWeights } from '../weights/initial.ts';
import type { Weights } from '../weights/weights.ts';
import { buildNetwork } from './architectures.ts';
import type { Input } from './input.ts';
import { modulesOf, type NetworkModule, parameterCount } from './modules.ts';

/** The modules of an architecture for a dataset's shape and classes, in network order, with PyTorch's shapes. */
export function modules(architecture: ArchitectureName, input: Input): NetworkModule[] {
  return modulesOf(buildNetwork(architecture, {}, input));
}

/** Entries that training changes. */
export function parametersOfArchitecture(architecture: ArchitectureName, input: Input): number {
  return parameterCount(buildNetwork(architecture, {}, input));
}

/** The weights in the network's order. Throws EngineError when they are not of this architecture and dataset. */
export function checkModelWeights(architecture: ArchitectureName, dataset: string, weights: Weights): Weights {
  return checkWeights(buildNetwork(architecture, {}, findDataset(dataset)), weights);
}
