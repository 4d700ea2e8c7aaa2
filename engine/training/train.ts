/**
 * Standard training and adversarial training (Madry et al., 2018).
 * PGD_AT takes every step on PGD examples of the current network alone. They are made with batch normalisation in evaluation
 * mode, as in the reference implementation; the step itself uses training mode.
 */
import { Pgd, startingPoints } from '../attacks/pgd.ts';
import type { Backend } from '../backends/backend.ts';
import type { MeasureConfig, TrainingConfig } from '../config.ts';
import { augmentedBatchOf, type Batch, batchOf } from '../data/batches.ts';
import type { Dataset } from '../data/dataset.ts';
import type { ImageSet } from '../data/splits.ts';
import { accuracy, Meter, measurementPasses } from '../evaluation/meter.ts';
import { type Network, parametersOf } from '../models/network.ts';
import { RandomStream } from '../random.ts';
import type { Recorder } from '../recorder.ts';
import type { Watch } from '../watch.ts';
import type { Weights } from '../weights/weights.ts';
import { TrainingGradients } from './gradients.ts';
import { type PreparedBatch, runLoop, type Selection } from './loop.ts';
import { Sgd } from './sgd.ts';
import type { LoopState } from './state.ts';

export interface TrainingWork {
  backend: Backend;
  network: Network;
  config: TrainingConfig;
  augmentation: Dataset['augmentation'];
  train: ImageSet;
  /** Chooses the epoch: by robust accuracy for PGD_AT, by standard accuracy for STANDARD. */
  selection: ImageSet;
  measure: MeasureConfig;
  seed: number;
  recorder: Recorder;
  /** Advances by trainingPasses in all. */
  watch: Watch;
}

/** Passes of images through the network that one epoch takes. */
export function epochPasses({
  config,
  train,
  selection,
  measure,
}: Pick<TrainingWork, 'config' | 'train' | 'selection' | 'measure'>): number {
  const adversarial = config.variant === 'PGD_AT';
  return train.count * (adversarial ? config.attack.steps + 1 : 1) + selection.count * measurementPasses(measure, adversarial);
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
  const { standard, robust } = await meter.take(set, watch);
  const values = { [`${set.split}.standard`]: accuracy(standard), ...(robust && { [`${set.split}.robust`]: accuracy(robust) }) };
  return { score: accuracy(robust ?? standard), values };
}

/** Learning rate of an epoch, from 0: a tenth of the last for every milestone that has passed. */
function scheduled({ learningRate, milestones }: TrainingConfig, epoch: number): number {
  return learningRate * 0.1 ** milestones.filter((milestone) => milestone <= epoch).length;
}

/** Trains from the state on; the result's `best` holds the chosen epoch. Throws EngineError when a loss is not finite. */
export async function trainNetwork(work: TrainingWork, state: LoopState): Promise<LoopState> {
  const { backend, network, config, train, selection, measure, seed, recorder, watch } = work;
  const adversarial = config.variant === 'PGD_AT';
  const names = parametersOf(network).flatMap(({ name, trained }) => (trained ? [name] : []));
  const source = new TrainingGradients(backend, network, names);
  const meter = new Meter(backend, network, state.weights, { measure, seed, adversarial });
  const pgd = adversarial ? new Pgd(backend, network, config.attack, state.weights) : undefined;

  function prepare(members: Int32Array, epoch: number): PreparedBatch {
    const clean = augmentedBatch(train, members, work.augmentation, seed, epoch);
    if (!pgd) return clean;
    const stream = (row: number) => new RandomStream(seed, 'training attack', epoch, train.positions[members[row] as number] as number);
    return { ...clean, start: startingPoints(clean, config.attack, stream) };
  }

  async function attack({ start, ...clean }: PreparedBatch, weights: Weights): Promise<Batch> {
    if (!pgd || !start) return clean;
    await pgd.setWeights(weights);
    return { ...clean, images: await pgd.perturb(clean, start, watch) };
  }

  try {
    return await runLoop(
      {
        images: train.count,
        epochs: config.epochs,
        batchSize: config.batchSize,
        seed,
        learningRate: (epoch) => scheduled(config, epoch),
        prepare,
        attack,
        source,
        optimiser: new Sgd(config, state.velocity),
        select: (weights) => selectionBy(meter, selection, weights, watch),
        prefix: '',
        recorder,
        watch,
      },
      state,
    );
  } finally {
    await Promise.all([source.dispose(), meter.dispose(), pgd?.dispose()]);
  }
}
