/** What a training variant is: how the gradients of one optimiser step come about. The loop around it is the same for all. */
import type { Backend } from '../../backends/backend.ts';
import type { BatchNormMode, PgdConfig } from '../../config.ts';
import type { Batch } from '../../data/batches.ts';
import type { Network } from '../../models/network.ts';
import type { RandomStream } from '../../random.ts';
import type { Watch } from '../../watch.ts';
import type { Weights } from '../../weights/weights.ts';
import type { BatchGradients } from '../gradients.ts';

export interface VariantWork<Options = object> {
  backend: Backend;
  network: Network;
  /** Of the shapes that every later call has; what is not trained stays at these values where batchNorm is FROZEN. */
  weights: Weights;
  /** The tensors to train. */
  names: readonly string[];
  /** UPDATE: passes use the modes of the published code. FROZEN: all of them the running statistics, which stay. */
  batchNorm: BatchNormMode;
  attack: PgdConfig;
  options: Options;
  /** Of the optimiser. */
  weightDecay: number;
}

/** One training's gradients. Prepared: a batch with what the variant needs besides. */
export interface Objective<Prepared extends Batch = Batch> {
  /**
   * What needs no weights, done while the step before is computed.
   * @param streamOf random streams of the image in a row, of this epoch, by purpose
   */
  prepare(clean: Batch, streamOf: (purpose: string, row: number) => RandomStream): Prepared;
  /**
   * The step's gradients: attacks, perturbed weights and modes of batch normalisation are the variant's own affair.
   * @param epoch from 0
   */
  gradients(batch: Prepared, weights: Weights, epoch: number, watch: Watch): Promise<BatchGradients>;
  /** Running statistics that the published code moves after the optimiser's step. */
  settle?(batch: Prepared, weights: Weights): Promise<Weights>;
  dispose(): Promise<void>;
}

/** Passes through the network that an image takes in an epoch, by what a pass is. */
export interface StepPasses {
  /** Attack steps that are split by images, and those that take the batch whole for its statistics. */
  attack?: number;
  wholeAttack?: number;
  /** Passes that gradients of the weights are taken through. */
  training: number;
  /** Passes without a gradient. */
  forward?: number;
}

export interface TrainingVariant<Options = object> {
  passes(attack: PgdConfig): StepPasses;
  /** Accuracy on the selection split that chooses the epoch. */
  chooses: 'standard' | 'robust';
  create(work: VariantWork<Options>): Objective;
}
