/** Measures standard and robust accuracy of one network whose weights may change. */
import type { Attack } from '../attacks/attack.ts';
import { attackKinds } from '../attacks/attacks.ts';
import { findSurvivors } from '../attacks/survivors.ts';
import type { Backend } from '../backends/backend.ts';
import type { MeasureConfig } from '../config.ts';
import type { ImageSet } from '../data/splits.ts';
import type { Network } from '../models/network.ts';
import type { Verdict } from '../recorder.ts';
import type { Watch } from '../watch.ts';
import type { Weights } from '../weights/weights.ts';
import { Predictor } from './predictor.ts';
import { verdictOf } from './trust.ts';

/** One entry an image, 1 where the network is right; robust, and what its checks said, only where the adversarial suite was asked for. */
export interface Taken {
  standard: Uint8Array;
  robust?: Uint8Array;
  verdict?: Verdict;
}

/** Passes through the network that a measurement takes for each image. */
export function measurementPasses(measure: MeasureConfig, adversarial: boolean): number {
  return adversarial ? 1 + attackKinds.PGD.passes(measure.attack) : 1;
}

export function count(flags: Uint8Array): number {
  return flags.reduce((sum, flag) => sum + flag, 0);
}

/** Share of ones, in [0, 1]. */
export function accuracy(flags: Uint8Array): number {
  return count(flags) / flags.length;
}

export class Meter {
  private readonly predictor: Predictor;
  private readonly attack: Attack | undefined;
  private readonly measure: MeasureConfig;
  private readonly seed: number;

  /** adversarial: whether robust accuracy will be measured too. */
  constructor(
    backend: Backend,
    network: Network,
    weights: Weights,
    options: { measure: MeasureConfig; seed: number; adversarial: boolean },
  ) {
    const { measure, adversarial } = options;
    const predictor = new Predictor(backend, network, weights);
    this.predictor = predictor;
    this.attack = adversarial ? attackKinds.PGD.create({ backend, network, weights, predictor }, measure.attack, measure.rule) : undefined;
    this.measure = measure;
    this.seed = options.seed;
  }

  async setWeights(weights: Weights): Promise<void> {
    await Promise.all([this.predictor.setWeights(weights), this.attack?.setWeights(weights)]);
  }

  /** Measures a set; the watch advances by images x measurementPasses. */
  async take(set: ImageSet, watch: Watch): Promise<Taken> {
    const { correct: standard } = await this.predictor.predictAll(set, watch);
    const { attack, seed } = this;
    if (!attack) return { standard };
    const { attack: config, rule } = this.measure;
    const passes = attackKinds.PGD.passes(config);
    const survivors = await findSurvivors({ attack, passes, set, clean: standard, rule, seed, watch });
    return { standard, robust: survivors.robust, verdict: verdictOf(standard, survivors, config.epsilon) };
  }

  async dispose(): Promise<void> {
    await Promise.all([this.predictor.dispose(), this.attack?.dispose()]);
  }
}
