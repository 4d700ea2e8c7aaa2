/**
 * Fine-tuning of chosen modules, everything else frozen (paper, section 4.2): stochastic gradient descent with momentum 0.9, the
 * learning rate divided by ten after half of the epochs. On clean images the epoch of best standard accuracy is kept; with the
 * objective of another variant that of best robust accuracy.
 */
import type { Backend } from '../backends/backend.ts';
import { type FineTuneConfig, type MeasureConfig, pgdConfig } from '../config.ts';
import { type Batch, batchOf, cut, inOrder, labelsOf } from '../data/batches.ts';
import type { Dataset } from '../data/dataset.ts';
import type { ImageSet } from '../data/splits.ts';
import { Meter, measurementPasses } from '../evaluation/meter.ts';
import { moduleParameters, modulesOf } from '../models/modules.ts';
import type { Network } from '../models/network.ts';
import type { Recorder } from '../recorder.ts';
import { FrozenGradients } from '../training/frozen-gradients.ts';
import { type Loop, runLoop } from '../training/loop.ts';
import { augmentedBatch, imagePasses, isChosenByRobust, stepsOf } from '../training/objective.ts';
import { Sgd } from '../training/sgd.ts';
import type { LoopState } from '../training/state.ts';
import { selectionBy } from '../training/train.ts';
import { createObjective } from '../training/variants/variants.ts';
import type { Watch } from '../watch.ts';
import { advanceInputs } from './block-inputs.ts';

const momentum = 0.9;
const imagesOfPart = 64;

export interface FineTuneWork {
  backend: Backend;
  network: Network;
  modules: readonly string[];
  config: FineTuneConfig;
  augmentation: Dataset['augmentation'];
  train: ImageSet;
  selection: ImageSet;
  measure: MeasureConfig;
  seed: number;
  recorder: Recorder;
  /** Advances by fineTunePasses for every epoch. */
  watch: Watch;
}

type Prepare = (members: Int32Array, epoch: number) => Batch;

/** Gathers rows of activations that were computed before. */
function rowsOf(train: ImageSet, batches: readonly Batch[]): Prepare {
  return (members) => {
    const [{ images }] = batches as [Batch];
    const size = images.data.length / (images.shape[0] as number);
    const data = new Float32Array(members.length * size);
    for (const [row, member] of members.entries()) {
      const { images: from } = batches[Math.floor(member / imagesOfPart)] as Batch;
      const begin = (member % imagesOfPart) * size;
      data.set((from.data as Float32Array).subarray(begin, begin + size), row * size);
    }
    return {
      images: { ...images, shape: [members.length, ...images.shape.slice(1)], data },
      labels: labelsOf(train, members),
      count: members.length,
    };
  };
}

interface Source extends Pick<Loop, 'prepare' | 'gradients' | 'settle'> {
  dispose(): Promise<void>;
}

/**
 * With frozen batch normalisation a pass on clean images starts at the first trained block, from activations computed once, where no
 * augmentation changes the images and there is room for them; otherwise at the images.
 */
async function frozen(work: FineTuneWork, names: string[], state: LoopState): Promise<Source> {
  const { backend, network, train, augmentation, watch } = work;
  const block = Math.min(...modulesOf(network).flatMap(({ name, block }) => (work.modules.includes(name) ? [block] : [])));
  const images = () => cut(inOrder(train.count), imagesOfPart).map((members) => batchOf(train, members));
  const inputs = augmentation
    ? { block: 0, batches: [] }
    : await advanceInputs(backend, network, state.weights, { block: 0, batches: images() }, block, watch);
  const source = new FrozenGradients(backend, network, state.weights, { names, from: inputs.block });
  return {
    prepare: inputs.block > 0 ? rowsOf(train, inputs.batches) : (members, epoch) => augmentedBatch(work, members, epoch),
    gradients: (batch, weights) => source.gradients(batch, weights),
    dispose: () => source.dispose(),
  };
}

/** The objective of any variant, on the images. */
function onImages(work: FineTuneWork, names: string[], { weights }: LoopState): Source {
  const { backend, network, config } = work;
  const { batchNorm, weightDecay } = config;
  const attack = attackOf(config);
  const objective = createObjective(config, { backend, network, weights, names, batchNorm, attack, weightDecay });
  return { ...stepsOf(objective, { ...work, objective: { ...config, attack } }), dispose: () => objective.dispose() };
}

/** STANDARD has none; its settings then have no effect. */
const attackOf = ({ attack }: FineTuneConfig) => attack ?? pgdConfig.parse({});

/** Passes of images through the network that one epoch takes. */
export function fineTunePasses({
  config,
  train,
  selection,
  measure,
}: Pick<FineTuneWork, 'config' | 'train' | 'selection' | 'measure'>): number {
  const { all } = imagePasses({ ...config, attack: attackOf(config) });
  return train.count * all + selection.count * measurementPasses(measure, isChosenByRobust(config));
}

/** Fine-tunes from the state on; the result's `best` holds the chosen epoch. Throws EngineError when a loss is not finite. */
export async function fineTuneModules(work: FineTuneWork, state: LoopState): Promise<LoopState> {
  const { backend, network, config, train, selection, measure, seed, recorder, watch } = work;
  const names = moduleParameters(network, work.modules);
  const fromInputs = config.variant === 'STANDARD' && config.batchNorm === 'FROZEN';
  const { dispose, ...steps } = fromInputs ? await frozen(work, names, state) : onImages(work, names, state);
  const meter = new Meter(backend, network, state.weights, { measure, seed, adversarial: isChosenByRobust(config) });
  const half = Math.floor(config.epochs / 2);
  try {
    return await runLoop(
      {
        images: train.count,
        epochs: config.epochs,
        batchSize: config.batchSize,
        seed,
        learningRate: (time) => config.learningRate * (half > 0 && time >= half ? 0.1 : 1),
        ...steps,
        optimiser: new Sgd({ momentum, weightDecay: config.weightDecay }, state.velocity),
        select: (weights) => selectionBy(meter, selection, weights, watch),
        prefix: 'fineTune.',
        recorder,
        watch,
      },
      state,
    );
  } finally {
    await Promise.all([dispose(), meter.dispose()]);
  }
}
