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
import { plus } from '../ops/arrays.ts';
import type { MrcScore } from '../recorder.ts';
import { sliced } from '../training/frozen-gradients.ts';
import type { Watch } from '../watch.ts';
import type { Weights } from '../weights/weights.ts';
import { KeptInputs } from './block-inputs.ts';
import { type Begun, ModuleLoss, robustOriginOf } from './robust-loss.ts';
import { backInto } from './weight-ball.ts';

export interface CriticalityWork {
  backend: Backend;
  network: Network;
  weights: Weights;
  /** Fixed adversarial examples [x + delta x], one batch an ascent step, in the order of the steps. */
  examples: readonly Batch[];
  config: Pick<CriticalityConfig, 'epsilon' | 'norm' | 'iterations' | 'learningRate'>;
  /** Advances by images x iterations for every module. */
  watch: Watch;
  /** Awaited, if given, with the accuracy on the examples, before any ascent. */
  measured?: (robustAccuracy: number) => Promise<void>;
}

/** The ascent on one module's weight, as far as it has come. */
export interface ModuleAscent {
  module: NetworkModule;
  /** The weight of the network [theta]. */
  origin: HostArray;
  /** [theta + delta theta] */
  weight: HostArray;
  /** The robust loss [R] after every epoch. */
  losses: number[];
  begun?: Begun;
}

/**
 * One epoch of gradient ascent inside the ball ||weight - origin||_p <= epsilon ||origin||_p [C_theta]. The ball is stepped out of
 * within the epoch and returned to at its end, as the official code does.
 */
export async function ascend(ascent: ModuleAscent, loss: ModuleLoss, config: CriticalityWork['config']): Promise<void> {
  const { origin, losses } = ascent;
  const { iterations, learningRate } = config;
  let { weight } = ascent;
  for (let batch = 0; batch < loss.batches; batch++) weight = plus(weight, learningRate, await loss.gradient(batch, weight));
  ascent.weight = backInto(weight, origin, config);
  const goesOn = losses.length + 1 < iterations;
  losses.push(checked(await loss.mean(ascent.weight, goesOn), loss.module, losses.length + 1));
}

function checked(loss: number, module: string, epoch: number): number {
  if (Number.isFinite(loss)) return loss;
  throw new EngineError(
    `The robust loss is ${loss} after epoch ${epoch} of the ascent on ${module}.`,
    'Lower the learning rate of the ascent.',
  );
}

/** The score [MRC] of an ascent, a lower bound before its end. It is never negative: the ball holds the weight itself. */
export function scoreOf(
  { module, losses }: ModuleAscent,
  robustLoss: number,
  { epsilon, norm, iterations }: CriticalityWork['config'],
): MrcScore {
  const perturbedLoss = Math.max(robustLoss, ...losses);
  const complete = losses.length === iterations;
  const score = perturbedLoss - robustLoss;
  return { module: module.name, complete, score, robustLoss, perturbedLoss, epsilon, norm, losses: [...losses] };
}

/** What every module's ascent begins with. */
export interface Beginning {
  robustLoss: number;
  begin(module: NetworkModule): ModuleAscent;
  /** The loss as a function of the ascent's weight; to be disposed. */
  lossOf(ascent: ModuleAscent): Promise<ModuleLoss>;
}

/** keptBytes: of activations, for modules that are come back to. Throws EngineError where the loss is no finite number. */
export async function beginAscents(work: CriticalityWork, modules: readonly NetworkModule[], keptBytes: number): Promise<Beginning> {
  const { weights } = work;
  const sliceCounts = work.examples.map((batch) => sliced(batch).length);
  const images = work.examples.flatMap(sliced);
  const { loss: robustLoss, accuracy } = await robustOriginOf(work, images);
  await work.measured?.(accuracy);
  const kept = new KeptInputs({ ...work, images, blocks: modules.map(({ block }) => block) }, keptBytes);
  return {
    robustLoss,
    begin(module) {
      const origin = weights[`${module.name}.weight`] as HostArray;
      return { module, origin, weight: origin, losses: [] };
    },
    async lossOf({ module, begun }) {
      const inputs = await kept.of(module.block);
      const slices = [...inputs.batches];
      const steps = sliceCounts.map((count) => slices.splice(0, count));
      return new ModuleLoss(work, module.name, inputs.block, steps, begun);
    },
  };
}

export const inNetworkOrder = (modules: readonly NetworkModule[]) => modules.toSorted((first, second) => first.block - second.block);

/**
 * Scores modules one after another, in network order; `scored` is awaited after each.
 * Throws EngineError where the loss is no finite number, before the ascent or by it.
 */
export async function scoreModules(
  work: CriticalityWork,
  modules: readonly NetworkModule[],
  scored: (score: MrcScore) => Promise<void>,
): Promise<MrcScore[]> {
  if (modules.length === 0) return [];
  const { config } = work;
  const { robustLoss, begin, lossOf } = await beginAscents(work, modules, 0);
  const scores: MrcScore[] = [];
  for (const module of inNetworkOrder(modules)) {
    const ascent = begin(module);
    const loss = await lossOf(ascent);
    try {
      while (ascent.losses.length < config.iterations) await ascend(ascent, loss, config);
    } finally {
      await loss.dispose();
    }
    const score = scoreOf(ascent, robustLoss, config);
    scores.push(score);
    await scored(score);
  }
  return scores;
}
