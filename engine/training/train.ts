/** Training of all weights from the images: any variant, the same loop. */
import type { Backend } from '../backends/backend.ts';
import type { MeasureConfig, TrainingConfig } from '../config.ts';
import type { Dataset } from '../data/dataset.ts';
import type { ImageSet } from '../data/splits.ts';
import { accuracy } from '../evaluation/flags.ts';
import { Meter, measurementPasses } from '../evaluation/meter.ts';
import { type Network, trainedNames } from '../models/network.ts';
import type { Recorder } from '../recorder.ts';
import type { Watch } from '../watch.ts';
import type { Weights } from '../weights/weights.ts';
import { runLoop, type Selection } from './loop.ts';
import { MovingAverage } from './moving-average.ts';
import { imagePasses, isChosenByRobust, stepsOf } from './objective.ts';
import { learningRateAt } from './schedule.ts';
import { Sgd } from './sgd.ts';
import type { LoopState } from './state.ts';
import { createObjective } from './variants/variants.ts';

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
  return train.count * imagePasses(config).all + selection.count * measurementPasses(measure, isChosenByRobust(config));
}

/** Accuracies on the selection split as a loop wants them; the last measured accuracy is the score. */
export async function selectionBy(meter: Meter, set: ImageSet, weights: Weights, watch: Watch): Promise<Selection> {
  await meter.setWeights(weights);
  const { standard, robust, verdict } = await meter.take(set, watch);
  const values = { [`${set.split}.standard`]: accuracy(standard), ...(robust && { [`${set.split}.robust`]: accuracy(robust) }) };
  return { score: accuracy(robust ?? standard), values, findings: verdict?.findings ?? [] };
}

function averageOf({ config, network, train }: TrainingWork, { average, weights }: LoopState): MovingAverage | undefined {
  const { emaDecay: decay, epochs, batchSize } = config;
  if (decay === undefined) return undefined;
  const steps = epochs * Math.ceil(train.count / batchSize);
  return new MovingAverage({ decay, steps, names: trainedNames(network) }, average ?? weights);
}

/** Trains from the state on; the result's `best` holds the chosen epoch. Throws EngineError when a loss or an output is not finite. */
export async function trainNetwork(work: TrainingWork, state: LoopState): Promise<LoopState> {
  const { backend, network, config, train, selection, measure, seed, recorder, watch } = work;
  const names = trainedNames(network);
  const { attack, weightDecay } = config;
  const objective = createObjective(config, { backend, network, weights: state.weights, names, batchNorm: 'UPDATE', attack, weightDecay });
  const meter = new Meter(backend, network, state.weights, { measure, seed, adversarial: isChosenByRobust(config) });
  try {
    return await runLoop(
      {
        images: train.count,
        epochs: config.epochs,
        batchSize: config.batchSize,
        seed,
        learningRate: (time) => learningRateAt(config, time),
        ...stepsOf(objective, { ...work, objective: config }),
        optimiser: new Sgd(config, state.velocity),
        average: averageOf(work, state),
        patience: config.patience,
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
