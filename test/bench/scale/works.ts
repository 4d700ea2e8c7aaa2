/** The work of every point of the bench: the engine's own stages, or the functions that they call where a size has no name there. */
import { Ascent } from '../../../engine/attacks/ascent.ts';
import {
  criticalityConfig,
  fineTuneConfig,
  interpolationConfig,
  measureConfig,
  pgdConfig,
  type SelectionProtocol,
  trainingConfig,
} from '../../../engine/config.ts';
import { batchOf, inOrder } from '../../../engine/data/batches.ts';
import { findDataset } from '../../../engine/data/catalogue.ts';
import { pixelsInMemory } from '../../../engine/data/pixels.ts';
import type { ImageSet } from '../../../engine/data/splits.ts';
import { measureCriticality, measureInterpolation, runEvaluation, runFineTune, runTraining } from '../../../engine/index.ts';
import { buildNetwork } from '../../../engine/models/architectures.ts';
import { modulesOf } from '../../../engine/models/modules.ts';
import type { Network } from '../../../engine/models/network.ts';
import { parametersOf } from '../../../engine/models/network.ts';
import { RandomStream } from '../../../engine/random.ts';
import { scoreModules } from '../../../engine/rift/criticality.ts';
import { adversarialExamples, ascentBatches } from '../../../engine/rift/examples.ts';
import type { StageContext } from '../../../engine/stages.ts';
import { TrainingGradients } from '../../../engine/training/gradients.ts';
import { unwatched } from '../../../engine/watch.ts';
import { initialWeights } from '../../../engine/weights/initial.ts';
import { basicResnet, resnet50, type Sized } from './networks.ts';

/** A work by name and its size; everything else about it is fixed. */
export type Work =
  | { name: 'MRC' | 'evaluation' | 'training' | 'fine-tune'; images: number }
  | { name: 'sweep'; alphas: number }
  | { name: 'modules'; modules: number }
  | { name: 'depth'; blocks: number }
  | { name: 'width'; width: number }
  | { name: 'pixels'; side: number }
  | { name: 'large images'; images: number }
  | { name: 'ResNet50 attack' | 'ResNet50 training' | 'ResNet50 MRC'; images: number };

const protocol: SelectionProtocol = 'PAPER';
/** Every image is attacked to the last step: the work does not depend on what the weights get right. */
const measureOf = (images: number, steps: number) => measureConfig.parse({ images, attack: { steps }, rule: 'LAST_STEP' });

function resnet8() {
  const network = buildNetwork('RESNET8', {}, findDataset('cifar10'));
  return { architecture: 'RESNET8' as const, dataset: 'cifar10', trainedHere: true, weights: initialWeights(network, 0) };
}

/** Noise: what the pixels show does not change how long they take. */
export function noise({ network }: Sized, count: number): ImageSet {
  const imageBytes = network.inputShape.reduce((product, side) => product * side, 1);
  const bytes = new Uint8Array(count * imageBytes);
  const stream = new RandomStream(0, 'noise');
  const some = Uint8Array.from({ length: Math.min(bytes.length, 2 ** 16) }, () => stream.below(256));
  for (let begin = 0; begin < bytes.length; begin += some.length) bytes.set(some.subarray(0, bytes.length - begin), begin);
  const pixels = pixelsInMemory(bytes, imageBytes);
  const positions = inOrder(count);
  const labels = Int32Array.from(positions, (position) => position % network.classes);
  const { inputShape: shape, classes } = network;
  const source = { dataset: 'noise', name: 'test', sha256: '0'.repeat(64), official: null };
  return { dataset: 'noise', split: 'test', part: 'test', description: 'noise', source, shape, classes, count, pixels, labels, positions };
}

/** Scores modules at equal distances, so that any number of them are as deep as all. */
async function score({ backend }: StageContext, sized: Sized, images: number, count: number): Promise<void> {
  const { network } = sized;
  const all = modulesOf(network);
  const modules = Array.from(
    { length: count },
    (_, index) => all[Math.floor(((index + 0.5) * all.length) / count)] as (typeof all)[number],
  );
  const batch = batchOf(noise(sized, images), inOrder(images));
  const examples = ascentBatches(batch.images, batch.labels, images);
  const config = criticalityConfig.parse({ iterations: 1 });
  const work = { backend, network, weights: initialWeights(network, 0), examples, config, watch: unwatched };
  await scoreModules(work, modules, async () => {});
}

async function attack({ backend }: StageContext, sized: Sized, images: number, steps: number): Promise<void> {
  const pgd = new Ascent(backend, sized.network, pgdConfig.parse({ steps, randomStart: false }), initialWeights(sized.network, 0));
  const batch = batchOf(noise(sized, images), inOrder(images));
  await pgd.perturb(batch, batch.images, unwatched);
  await pgd.dispose();
}

/** All that MRC does with its images but the passes: an attack of no steps, the batches of the ascent, their slices. */
async function prepareExamples({ backend, seed }: StageContext, sized: Sized, images: number): Promise<void> {
  const { network } = sized;
  const weights = initialWeights(network, 0);
  const { batchSize, ...config } = criticalityConfig.parse({});
  const work = {
    backend,
    network,
    weights,
    set: noise(sized, images),
    attack: pgdConfig.parse({ steps: 0 }),
    batchSize,
    seed,
    watch: unwatched,
  };
  const examples = await adversarialExamples(work);
  await scoreModules({ backend, network, weights, examples, config, watch: unwatched }, [], async () => {});
}

async function trainingSteps({ backend }: StageContext, sized: Sized, images: number): Promise<void> {
  const names = parametersOf(sized.network).flatMap(({ name, trained }) => (trained ? [name] : []));
  const source = new TrainingGradients(backend, sized.network as Network, names);
  await source.gradients(batchOf(noise(sized, images), inOrder(images)), initialWeights(sized.network, 0));
  await source.dispose();
}

export async function perform(context: StageContext, work: Work): Promise<void> {
  switch (work.name) {
    case 'MRC': {
      const modules = ['layer2.0.conv1', 'layer3.0.conv2'];
      const criticality = criticalityConfig.parse({ images: work.images, iterations: 1, batchSize: 256, modules, attack: { steps: 1 } });
      await measureCriticality(context, { model: resnet8(), criticality, protocol, done: [] });
      return;
    }
    case 'evaluation':
      await runEvaluation(context, { model: resnet8(), measure: measureOf(work.images, 4), protocol });
      return;
    case 'training': {
      const { architecture, dataset } = resnet8();
      const training = trainingConfig.parse({ architecture, dataset, trainImages: work.images, epochs: 1, attack: { steps: 2 } });
      await runTraining(context, { training, protocol, measure: measureOf(128, 1) });
      return;
    }
    case 'fine-tune': {
      const fineTune = fineTuneConfig.parse({ select: 'NAMED', modules: ['layer3.0.conv2'], epochs: 1 });
      const request = { model: resnet8(), fineTune, scores: [], protocol, measure: measureOf(128, 1), trainImages: work.images };
      await runFineTune(context, request);
      return;
    }
    case 'sweep': {
      const base = resnet8();
      const tuned = { ...base.weights, 'linear.bias': { ...(base.weights['linear.bias'] as (typeof base.weights)[string]) } };
      const alphas = Array.from({ length: work.alphas }, (_, index) => index / Math.max(1, work.alphas - 1));
      const interpolation = interpolationConfig.parse({ alphas });
      await measureInterpolation(context, { base, tuned, interpolation, measure: measureOf(256, 2), protocol, done: [] });
      return;
    }
    case 'modules':
      return score(context, basicResnet({ blocks: 2, width: 16, side: 32 }), 128, work.modules);
    case 'depth': {
      const sized = basicResnet({ blocks: work.blocks, width: 16, side: 32 });
      return score(context, sized, 64, Math.floor(modulesOf(sized.network).length / 4));
    }
    case 'width':
      return attack(context, basicResnet({ blocks: 1, width: work.width, side: 32 }), 128, 3);
    case 'pixels':
      return attack(context, basicResnet({ blocks: 1, width: 16, side: work.side }), 16, 3);
    case 'large images':
      return prepareExamples(context, basicResnet({ blocks: 1, width: 16, side: 224 }), work.images);
    case 'ResNet50 attack':
      return attack(context, resnet50(224), work.images, 1);
    case 'ResNet50 training':
      return trainingSteps(context, resnet50(224), work.images);
    case 'ResNet50 MRC':
      return score(context, resnet50(224), work.images, 2);
  }
}
