/** Training of all weights from the images: any variant, the same loop. */
import type { Backend } from '../backends/backend.ts';
import type { MeasureConfig, TrainingConfig } from '../config.ts';
import { augmentedBatchOf, type Batch, batchOf } from '../data/batches.ts';
import type { Dataset } from '../data/dataset.ts';
import type { ImageSet } from '../data/splits.ts';
import { accuracy, Meter, measurementPasses } from '../evaluation/meter.ts';
import type { Network } from '../models/network.ts';
import { RandomStream } from '../random.ts';
import type { Recorder } from '../recorder.ts';
import type { Watch } from '../watch.ts';
import type { Weights } from '../weights/weights.ts';
import { runLoop, type Selection } from './loop.ts';
import { Sgd } from './sgd.ts';
import type { LoopState } from './state.ts';
import { trainingVariants } from './variants/variants.ts';

export interface TrainingWork {
  backend: Backend;
  network: Network;
  config: TrainingConfig;
  augmentation: Dataset['augmentation'];
  train: ImageSet;
  /** Chooses the epoch, by the accuracy that the variant names. */
  selection: ImageSet;
  measure: MeasureConfig;
  seed: number;
  recorder: Recorder;
  /** Advances by epochPasses for every epoch. */
  watch: Watch;
}

/** Passes of images through the network that one epoch takes. */
export function epochPasses({
  config,
  train,
  selection,
  measure,
}: Pick<TrainingWork, 'config' | 'train' | 'selection' | 'measure'>): number {
  const variant = trainingVariants[config.variant];
  return train.count * variant.passes(config) + selection.count * measurementPasses(measure, variant.chooses === 'robust');
}

/** A batch of the training images as this epoch shows them. */
export function augmentedBatch(
  set: ImageSet,
  members: Int32Array,
  augmentation: Dataset['augmentation'],
  seed: number,
  epoch: number,
): Batch {
  if (!augmentation) return batchOf(set, members);
  const stream = (member: number) => new RandomStream(seed, 'augmentation', epoch, set.positions[member] as number);
  return augmentedBatchOf(set, members, augmentation.padding, stream);
}

/** Accuracies on the selection split as a loop wants them; the last measured accuracy is the score. */
export async function selectionBy(meter: Meter, set: ImageSet, weights: Weights, watch: Watch): Promise<Selection> {
  await meter.setWeights(weights);
  const { standard, robust, verdict } = await meter.take(set, watch);
  const values = { [`${set.split}.standard`]: accuracy(standard), ...(robust && { [`${set.split}.robust`]: accuracy(robust) }) };
  return { score: accuracy(robust ?? standard), values, findings: verdict?.findings ?? [] };
}

/** Learning rate of an epoch, from 0: a tenth of the last for every milestone that has passed. */
function scheduled({ learningRate, milestones }: TrainingConfig, epoch: number): number {
  return learningRate * 0.1 ** milestones.filter((milestone) => milestone <= epoch).length;
}

/** Trains from the state on; the result's `best` holds the chosen epoch. Throws EngineError when a loss or an output is not finite. */
export async function trainNetwork(work: TrainingWork, state: LoopState): Promise<LoopState> {
  const { backend, network, config, train, selection, measure, seed, recorder, watch } = work;
  const variant = trainingVariants[config.variant];
  const objective = variant.create({ backend, network, weights: state.weights, config });
  const meter = new Meter(backend, network, state.weights, { measure, seed, adversarial: variant.chooses === 'robust' });
  try {
    return await runLoop(
      {
        images: train.count,
        epochs: config.epochs,
        batchSize: config.batchSize,
        seed,
        learningRate: (epoch) => scheduled(config, epoch),
        prepare(members, epoch) {
          const position = (row: number) => train.positions[members[row] as number] as number;
          const clean = augmentedBatch(train, members, work.augmentation, seed, epoch);
          return objective.prepare(clean, (purpose, row) => new RandomStream(seed, purpose, epoch, position(row)));
        },
        gradients: (batch, weights) => objective.gradients(batch, weights, watch),
        optimiser: new Sgd(config, state.velocity),
        select: (weights) => selectionBy(meter, selection, weights, watch),
        prefix: '',
        recorder,
        watch,
      },
      state,
    );
  } finally {
    await Promise.all([objective.dispose(), meter.dispose()]);
  }
}
