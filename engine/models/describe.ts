/** What a network is made of, without weights: for checks before a run starts. */
import type { ArchitectureName } from '../config.ts';
import { findDataset } from '../data/catalogue.ts';
import type { ImageShape } from '../data/dataset.ts';
import { checkWeights } from '../weights/initial.ts';
import type { Weights } from '../weights/weights.ts';
import { buildNetwork } from './architectures.ts';
import { modulesOf, type NetworkModule, parameterCount } from './modules.ts';

/** The modules of an architecture in network order, with PyTorch's shapes. shape: height, width and channels of the images. */
export function modules(architecture: ArchitectureName, shape: ImageShape, classes: number): NetworkModule[] {
  return modulesOf(buildNetwork(architecture, { shape, classes }));
}

/** Entries that training changes. */
export function parametersOfArchitecture(architecture: ArchitectureName, shape: ImageShape, classes: number): number {
  return parameterCount(buildNetwork(architecture, { shape, classes }));
}

/** The weights in the network's order. Throws EngineError when they are not of this architecture and dataset. */
export function checkModelWeights(architecture: ArchitectureName, dataset: string, weights: Weights): Weights {
  return checkWeights(buildNetwork(architecture, findDataset(dataset)), weights);
}
