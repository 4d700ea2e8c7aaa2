/** The network of a checkpoint, as the engine builds it. */
import { type ArchitectureOptions, datasets, type NetworkForm, type Normalisation } from '../../engine/index.ts';

/** The columns that say which network the weights are of. */
export interface FormColumns {
  architecture: string;
  architectureOptions: unknown;
  normalisation: unknown;
  dataset: string | null;
}

/** Where no normalisation is recorded, the network has that of the dataset it is for, whichever images it is given. */
export function formOf({ architecture, architectureOptions, normalisation, dataset }: FormColumns): NetworkForm {
  const ofDataset = dataset !== null && Object.hasOwn(datasets, dataset) ? datasets[dataset]?.normalisation : undefined;
  return {
    architecture: architecture as NetworkForm['architecture'],
    architectureOptions: architectureOptions as ArchitectureOptions,
    normalisation: (normalisation as Normalisation | null) ?? ofDataset,
  };
}
