/**
 * Fine-tuning of chosen modules on clean images, everything else frozen (paper, section 4.2): stochastic gradient descent with
 * momentum 0.9, the learning rate divided by ten after half of the epochs, the epoch of best standard accuracy kept.
 */
import type { Backend } from '../backends/backend.ts';
import type { FineTuneConfig, MeasureConfig } from '../config.ts';
import { type Batch, batchOf, cut, inOrder, labelsOf } from '../data/batches.ts';
import type { Dataset } from '../data/dataset.ts';
import type { ImageSet } from '../data/splits.ts';
import { Meter } from '../evaluation/meter.ts';
import { moduleParameters, modulesOf } from '../models/modules.ts';
import type { Network } from '../models/network.ts';
import type { Recorder } from '../recorder.ts';
import { FrozenGradients } from '../training/frozen-gradients.ts';
import { type GradientSource, TrainingGradients } from '../training/gradients.ts';
import { runLoop } from '../training/loop.ts';
import { Sgd } from '../training/sgd.ts';
import type { LoopState } from '../training/state.ts';
import { augmentedBatch, selectionBy } from '../training/train.ts';
import type { Watch } from '../watch.ts';
import { advancePrefix } from './prefix.ts';

const momentum = 0.9;
const prefixImages = 64;

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
  /** Advances by epochs x (training images + selection images). */
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
      const { images: from } = batches[Math.floor(member / prefixImages)] as Batch;
      const begin = (member % prefixImages) * size;
      data.set((from.data as Float32Array).subarray(begin, begin + size), row * size);
    }
    return {
      images: { ...images, shape: [members.length, ...images.shape.slice(1)], data },
      labels: labelsOf(train, members),
      count: members.length,
    };
  };
}

/**
 * With frozen batch normalisation a pass starts at the first trained block, from activations computed once, where no
 * augmentation changes the images and there is room for them; otherwise at the images.
 */
async function frozen(work: FineTuneWork, names: string[], state: LoopState): Promise<{ source: GradientSource; prepare: Prepare }> {
  const { backend, network, train, augmentation, seed, watch } = work;
  const block = Math.min(...modulesOf(network).flatMap(({ name, block }) => (work.modules.includes(name) ? [block] : [])));
  const images = () => cut(inOrder(train.count), prefixImages).map((members) => batchOf(train, members));
  const prefix = augmentation
    ? { block: 0, batches: [] }
    : await advancePrefix(backend, network, state.weights, { block: 0, batches: images() }, block, watch);
  const source = new FrozenGradients(backend, network, state.weights, { names, from: prefix.block });
  if (prefix.block > 0) return { source, prepare: rowsOf(train, prefix.batches) };
  return { source, prepare: (members, epoch) => augmentedBatch(train, members, augmentation, seed, epoch) };
}

async function updating(work: FineTuneWork, names: string[]): Promise<{ source: GradientSource; prepare: Prepare }> {
  const { backend, network, train, augmentation, seed } = work;
  return {
    source: new TrainingGradients(backend, network, names),
    prepare: (members, epoch) => augmentedBatch(train, members, augmentation, seed, epoch),
  };
}

/** Fine-tunes from the state on; the result's `best` holds the chosen epoch. Throws EngineError when a loss is not finite. */
export async function fineTuneModules(work: FineTuneWork, state: LoopState): Promise<LoopState> {
  const { backend, network, config, train, selection, measure, seed, recorder, watch } = work;
  const names = moduleParameters(network, work.modules);
  const { source, prepare } = config.batchNorm === 'FROZEN' ? await frozen(work, names, state) : await updating(work, names);
  const meter = new Meter(backend, network, state.weights, { measure, seed, adversarial: false });
  const half = Math.floor(config.epochs / 2);
  try {
    return await runLoop(
      {
        images: train.count,
        epochs: config.epochs,
        batchSize: config.batchSize,
        seed,
        learningRate: (epoch) => config.learningRate * (half > 0 && epoch >= half ? 0.1 : 1),
        prepare,
        gradients: (batch, weights) => source.gradients(batch, weights),
        optimiser: new Sgd({ momentum, weightDecay: config.weightDecay }, state.velocity),
        select: (weights) => selectionBy(meter, selection, weights, watch),
        prefix: 'fineTune.',
        recorder,
        watch,
      },
      state,
    );
  } finally {
    await Promise.all([source.dispose(), meter.dispose()]);
  }
}
