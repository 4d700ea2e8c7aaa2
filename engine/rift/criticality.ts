/**
 * Module robust criticality (paper, definition 3.1) by its relaxation (Algorithm 1, lines 1 to 9): how much the loss on fixed
 * adversarial examples can grow when one module's weight moves within a ball around its value.
 */
import type { Backend, HostArray } from '../backends/backend.ts';
import type { CriticalityConfig } from '../config.ts';
import { type Batch, cut } from '../data/batches.ts';
import { EngineError } from '../errors.ts';
import { modulesOf, type NetworkModule } from '../models/modules.ts';
import type { Network } from '../models/network.ts';
import type { MrcScore } from '../recorder.ts';
import { FrozenGradients, sliced } from '../training/frozen-gradients.ts';
import { untilAborted, type Watch } from '../watch.ts';
import { norm } from '../weights/norm.ts';
import type { Weights } from '../weights/weights.ts';
import { advancePrefix, type Prefix } from './prefix.ts';

export interface CriticalityWork {
  backend: Backend;
  network: Network;
  weights: Weights;
  /** Fixed adversarial examples, one batch an ascent step, in the order of the steps. */
  examples: readonly Batch[];
  config: Pick<CriticalityConfig, 'epsilon' | 'iterations' | 'learningRate'>;
  /** Advances by images x iterations for every module. */
  watch: Watch;
}

/** The point of the ball of this radius around the origin that is nearest to the weight. */
function project(weight: HostArray, origin: HostArray, radius: number): HostArray {
  const difference = weight.data.map((value, index) => value - (origin.data[index] as number));
  const length = norm({ ...weight, data: difference });
  if (length <= radius) return weight;
  return { ...weight, data: difference.map((value, index) => (origin.data[index] as number) + value * (radius / length)) };
}

/** weight + learningRate x gradient. */
function ascend(weight: HostArray, gradient: HostArray, learningRate: number): HostArray {
  return { ...weight, data: weight.data.map((value, index) => value + learningRate * (gradient.data[index] as number)) };
}

function checkLoss(loss: number, module: string, epoch: number): number {
  if (Number.isFinite(loss)) return loss;
  throw new EngineError(
    `The robust loss is ${loss} after epoch ${epoch} of the ascent on ${module}.`,
    'Lower the learning rate of the ascent.',
  );
}

const totalOf = (losses: Float32Array) => losses.reduce((sum, loss) => sum + loss, 0);

/**
 * The mean loss after every epoch of projected gradient ascent on one module. An epoch takes one step a batch and projects
 * once, at its end. The first step of an epoch passes the first batch through the weights that the epoch before ended with,
 * which is that batch's share of the loss after that epoch.
 */
async function ascentLosses(work: CriticalityWork, name: string, source: FrozenGradients, steps: readonly Batch[][]): Promise<number[]> {
  const { weights, config, watch } = work;
  const tensor = `${name}.weight`;
  const origin = weights[tensor] as HostArray;
  const radius = config.epsilon * norm(origin);
  const images = steps.flat().reduce((sum, { count }) => sum + count, 0);
  const [first, ...rest] = steps as [Batch[], ...Batch[][]];
  const sums: number[] = [];
  let weight = origin;
  const step = async (slices: Batch[]) => {
    const result = await untilAborted(watch.signal, source.gradientsOfSlices(slices, { ...weights, [tensor]: weight }));
    weight = ascend(weight, result.gradients[tensor] as HostArray, config.learningRate);
    watch.advance(result.losses.length);
    return totalOf(result.losses);
  };
  const loss = (slices: Batch[]) => untilAborted(watch.signal, source.loss(slices, { ...weights, [tensor]: weight }));
  for (let epoch = 0; epoch < config.iterations; epoch++) {
    const firstLoss = await step(first);
    if (epoch > 0) sums[epoch - 1] = (sums[epoch - 1] as number) + firstLoss;
    for (const slices of rest) await step(slices);
    weight = project(weight, origin, radius);
    let sum = 0;
    for (const slices of rest) sum += await loss(slices);
    sums.push(sum);
  }
  sums[sums.length - 1] = (sums.at(-1) as number) + (await loss(first));
  return sums.map((sum, epoch) => checkLoss(sum / images, name, epoch + 1));
}

/** Mean loss of the unchanged network on the examples. */
async function robustLossOf(work: CriticalityWork, slices: readonly Batch[]): Promise<number> {
  const { backend, network, weights, watch } = work;
  const source = new FrozenGradients(backend, network, weights, { names: [`${modulesOf(network)[0]?.name}.weight`], from: 0 });
  try {
    const images = slices.reduce((sum, { count }) => sum + count, 0);
    return (await untilAborted(watch.signal, source.loss(slices, weights))) / images;
  } finally {
    await source.dispose();
  }
}

/**
 * Scores modules one after another, in network order; `scored` is awaited after each.
 * A score is never negative: the ball holds the weight itself.
 */
export async function scoreModules(
  work: CriticalityWork,
  modules: readonly NetworkModule[],
  scored: (score: MrcScore) => Promise<void>,
): Promise<MrcScore[]> {
  const { backend, network, weights, config, watch } = work;
  const sliceCounts = work.examples.map((batch) => sliced(batch).length);
  let prefix: Prefix = { block: 0, batches: work.examples.flatMap(sliced) };
  const robustLoss = modules.length > 0 ? await robustLossOf(work, prefix.batches) : 0;
  const scores: MrcScore[] = [];
  for (const { name, block } of modules.toSorted((first, second) => first.block - second.block)) {
    prefix = await advancePrefix(backend, network, weights, prefix, block, watch);
    const source = new FrozenGradients(backend, network, weights, { names: [`${name}.weight`], from: prefix.block });
    try {
      const slices = [...prefix.batches];
      const steps = sliceCounts.map((count) => slices.splice(0, count));
      const losses = await ascentLosses(work, name, source, steps);
      const perturbedLoss = Math.max(robustLoss, ...losses);
      const score = { module: name, score: perturbedLoss - robustLoss, robustLoss, perturbedLoss, epsilon: config.epsilon, losses };
      scores.push(score);
      await scored(score);
    } finally {
      await source.dispose();
    }
  }
  return scores;
}

/** Cuts examples into the batches of the ascent steps. */
export function ascentBatches(images: HostArray, labels: HostArray, batchSize: number): Batch[] {
  const count = labels.data.length;
  const size = images.data.length / count;
  return cut(
    Int32Array.from({ length: count }, (_, index) => index),
    batchSize,
  ).map((members) => {
    const begin = members[0] as number;
    const end = begin + members.length;
    return {
      images: { ...images, shape: [members.length, ...images.shape.slice(1)], data: images.data.slice(begin * size, end * size) },
      labels: { ...labels, shape: [members.length], data: labels.data.slice(begin, end) },
      count: members.length,
    };
  });
}
