/** Measures standard and robust accuracy of one network whose weights may change. */
import { Pgd } from '../attacks/pgd.ts';
import { attackPasses, robustImages } from '../attacks/robustness.ts';
import type { Backend } from '../backends/backend.ts';
import type { MeasureConfig } from '../config.ts';
import type { ImageSet } from '../data/splits.ts';
import type { Network } from '../models/network.ts';
import type { Verdict } from '../recorder.ts';
import type { Watch } from '../watch.ts';
import type { Weights } from '../weights/weights.ts';
import { Predictor } from './predictor.ts';

/** One entry an image, 1 where the network is right; robust, and what its checks said, only where the adversarial suite was asked for. */
export interface Taken {
  standard: Uint8Array;
  robust?: Uint8Array;
  verdict?: Verdict;
}

/** Passes through the network that a measurement takes for each image. */
export function measurementPasses(measure: MeasureConfig, adversarial: boolean): number {
  return adversarial ? 1 + attackPasses(measure.attack) : 1;
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
  private readonly pgd: Pgd | undefined;
  private readonly measure: MeasureConfig;
  private readonly seed: number;

  /** adversarial: whether robust accuracy will be measured too. */
  constructor(
    backend: Backend,
    network: Network,
    weights: Weights,
    options: { measure: MeasureConfig; seed: number; adversarial: boolean },
  ) {
    this.predictor = new Predictor(backend, network, weights);
    this.pgd = options.adversarial ? new Pgd(backend, network, options.measure.attack, weights) : undefined;
    this.measure = options.measure;
    this.seed = options.seed;
  }

  async setWeights(weights: Weights): Promise<void> {
    await Promise.all([this.predictor.setWeights(weights), this.pgd?.setWeights(weights)]);
  }

  /** Measures a set; the watch advances by images x measurementPasses. */
  async take(set: ImageSet, watch: Watch): Promise<Taken> {
    const { correct: standard } = await this.predictor.predictAll(set, watch);
    if (!this.pgd) return { standard };
    const robust = await robustImages({
      pgd: this.pgd,
      predictor: this.predictor,
      set,
      clean: standard,
      rule: this.measure.rule,
      seed: this.seed,
      watch,
    });
    return { standard, robust };
  }

  async dispose(): Promise<void> {
    await Promise.all([this.predictor.dispose(), this.pgd?.dispose()]);
  }
}
