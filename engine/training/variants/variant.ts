/** What a training variant is: how the gradients of one optimiser step come about. The loop around it is the same for all. */
import type { Backend } from '../../backends/backend.ts';
import type { TrainingConfig } from '../../config.ts';
import type { Batch } from '../../data/batches.ts';
import type { Network } from '../../models/network.ts';
import type { RandomStream } from '../../random.ts';
import type { Watch } from '../../watch.ts';
import type { Weights } from '../../weights/weights.ts';
import type { BatchGradients } from '../gradients.ts';

export interface VariantWork {
  backend: Backend;
  network: Network;
  /** Of the shapes that every later call has. */
  weights: Weights;
  config: TrainingConfig;
}

/** One training's gradients. Prepared: a batch with what the variant needs besides. */
export interface Objective<Prepared extends Batch = Batch> {
  /**
   * What needs no weights, done while the step before is computed.
   * @param streamOf random streams of the image in a row, of this epoch, by purpose
   */
  prepare(clean: Batch, streamOf: (purpose: string, row: number) => RandomStream): Prepared;
  /** The step's gradients: attacks, perturbed weights and modes of batch normalisation are the variant's own affair. */
  gradients(batch: Prepared, weights: Weights, watch: Watch): Promise<BatchGradients>;
  dispose(): Promise<void>;
}

export interface TrainingVariant {
  /** Passes through the network that an image takes in an epoch; the watch advances by all of them but one a step, the loop's. */
  passes(config: TrainingConfig): number;
  /** Accuracy on the selection split that chooses the epoch. */
  chooses: 'standard' | 'robust';
  create(work: VariantWork): Objective;
}
