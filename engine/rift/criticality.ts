/**
 * Module robust criticality (paper, definition 3.1) by its relaxation (Algorithm 1, lines 1 to 9): how much the loss on fixed
 * adversarial examples can grow when one module's weight moves within a ball around its value. The names in brackets are the
 * paper's.
 */
import type { Backend, HostArray } from '../backends/backend.ts';
import type { CriticalityConfig } from '../config.ts';
import type { Batch } from '../data/batches.ts';
import { EngineError } from '../errors.ts';
import type { NetworkModule } from '../models/modules.ts';
import type { Network } from '../models/network.ts';
import { norm, plus, projectL2 } from '../ops/arrays.ts';
import type { MrcScore } from '../recorder.ts';
import { sliced } from '../training/frozen-gradients.ts';
import type { Watch } from '../watch.ts';
import type { Weights } from '../weights/weights.ts';
import { advancePrefix, type Prefix } from './prefix.ts';
import { ModuleLoss, robustOriginOf } from './robust-loss.ts';

export interface CriticalityWork {
  backend: Backend;
  network: Network;
  weights: Weights;
  /** Fixed adversarial examples [x + delta x], one batch an ascent step, in the order of the steps. */
  examples: readonly Batch[];
  config: Pick<CriticalityConfig, 'epsilon' | 'iterations' | 'learningRate'>;
  /** Advances by images x iterations for every module. */
  watch: Watch;
  /** Called, if given, with the accuracy on the examples, before any ascent. */
  measured?: (robustAccuracy: number) => void;
}

/**
 * The robust loss [R] after every epoch of gradient ascent on one module's weight, inside the ball
 * ||weight - origin|| <= epsilon ||origin|| [C_theta; weight - origin is delta theta]. The ball is stepped out of within an epoch
 * and returned to at its end, as the official code does.
 */
async function ascentLosses(loss: ModuleLoss, origin: HostArray, config: CriticalityWork['config']): Promise<number[]> {
  const { epsilon, iterations, learningRate } = config;
  const radius = epsilon * norm(origin);
  const losses: number[] = [];
  let weight = origin;
  for (let epoch = 1; epoch <= iterations; epoch++) {
    for (let batch = 0; batch < loss.batches; batch++) weight = plus(weight, learningRate, await loss.gradient(batch, weight));
    weight = projectL2(weight, origin, radius);
    losses.push(checked(await loss.mean(weight, epoch < iterations), loss.module, epoch));
  }
  return losses;
}

function checked(loss: number, module: string, epoch: number): number {
  if (Number.isFinite(loss)) return loss;
  throw new EngineError(
    `The robust loss is ${loss} after epoch ${epoch} of the ascent on ${module}.`,
    'Lower the learning rate of the ascent.',
  );
}

/**
 * Scores modules one after another, in network order; `scored` is awaited after each.
 * A score [MRC] is never negative: the ball holds the weight itself.
 * Throws EngineError where the loss is no finite number, before the ascent or by it.
 */
export async function scoreModules(
  work: CriticalityWork,
  modules: readonly NetworkModule[],
  scored: (score: MrcScore) => Promise<void>,
): Promise<MrcScore[]> {
  const { backend, network, weights, config, watch } = work;
  const sliceCounts = work.examples.map((batch) => sliced(batch).length);
  let prefix: Prefix = { block: 0, batches: work.examples.flatMap(sliced) };
  if (modules.length === 0) return [];
  const { loss: robustLoss, accuracy } = await robustOriginOf(work, prefix.batches);
  work.measured?.(accuracy);
  const scores: MrcScore[] = [];
  for (const { name, block } of modules.toSorted((first, second) => first.block - second.block)) {
    prefix = await advancePrefix(backend, network, weights, prefix, block, watch);
    const slices = [...prefix.batches];
    const steps = sliceCounts.map((count) => slices.splice(0, count));
    const loss = new ModuleLoss(work, name, prefix.block, steps);
    try {
      const losses = await ascentLosses(loss, weights[loss.tensor] as HostArray, config);
      const perturbedLoss = Math.max(robustLoss, ...losses);
      const score = { module: name, score: perturbedLoss - robustLoss, robustLoss, perturbedLoss, epsilon: config.epsilon, losses };
      scores.push(score);
      await scored(score);
    } finally {
      await loss.dispose();
    }
  }
  return scores;
}
