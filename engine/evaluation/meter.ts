/** Measures standard and robust accuracy of one network whose weights may change. */
import type { Attack } from '../attacks/attack.ts';
import { createAttack, passesOf } from '../attacks/attacks.ts';
import { findSurvivors, type Survivors } from '../attacks/survivors.ts';
import { AttackTools } from '../attacks/tools.ts';
import type { Backend, HostArray } from '../backends/backend.ts';
import type { ChosenAttack, MeasureConfig } from '../config.ts';
import type { ImageSet } from '../data/splits.ts';
import type { Network } from '../models/network.ts';
import type { Verdict } from '../recorder.ts';
import type { Watch } from '../watch.ts';
import type { Weights } from '../weights/weights.ts';
import { accuracy } from './flags.ts';
import { type Planned, planOfSuite } from './measurement.ts';
import { verdictOf } from './trust.ts';

/** One entry an image, 1 where the network is right; robust, and what its checks said, only where the adversarial suite was asked for. */
export interface Taken {
  standard: Uint8Array;
  robust?: Uint8Array;
  verdict?: Verdict;
}

/** Passes through the network that a measurement takes for each image, beside the clean prediction that measurements share. */
export function attackPasses({ attack }: Planned): number {
  return attack ? passesOf(attack) : 0;
}

/** Passes through the network that standard accuracy, and robust accuracy under the main attack, take for each image. */
export function measurementPasses(measure: MeasureConfig, adversarial: boolean): number {
  return 1 + (adversarial ? attackPasses(mainAttack(measure)) : 0);
}

/** The measurement whose number is the adversarial suite's own. */
const mainAttack = (measure: MeasureConfig) => planOfSuite(measure, 'ADVERSARIAL')[0] as Planned;

export class Meter {
  private readonly tools: AttackTools;
  private readonly main: Planned | undefined;
  private readonly mainAttack: Attack | undefined;
  private readonly seed: number;

  /** adversarial: whether `take` measures robust accuracy too, under the measure's own attack. */
  constructor(
    backend: Backend,
    network: Network,
    weights: Weights,
    { measure, seed, adversarial }: { measure: MeasureConfig; seed: number; adversarial: boolean },
  ) {
    this.tools = new AttackTools(backend, network, weights);
    this.main = adversarial ? mainAttack(measure) : undefined;
    this.mainAttack = this.main && this.attackOf(this.main);
    this.seed = seed;
  }

  setWeights(weights: Weights): Promise<void> {
    return this.tools.setWeights(weights);
  }

  /** Which images are classified correctly; the watch advances by images. */
  async standard(set: ImageSet, watch: Watch): Promise<Uint8Array> {
    return (await this.tools.predictor.predictAll(set, watch)).correct;
  }

  /** The mean of the accuracies on these sets; undefined without any. The watch advances by images. */
  async meanAccuracy(sets: readonly ImageSet[], watch: Watch): Promise<number | undefined> {
    let sum = 0;
    for (const set of sets) sum += accuracy(await this.standard(set, watch));
    return sets.length > 0 ? sum / sets.length : undefined;
  }

  private attackOf({ attack, measurement: { rule = 'ANY_STEP' } }: Planned): Attack {
    return createAttack(this.tools, attack as ChosenAttack, rule);
  }

  /** Which of these points are classified correctly; [count, height, width, channels] in [0, 1]. */
  async correct(points: HostArray, labels: HostArray): Promise<Uint8Array> {
    return (await this.tools.predictor.predict(points, labels)).correct;
  }

  /**
   * Which images survive an attack; clean: which are right without it. The watch advances by images x attackPasses. The attack
   * ends when fewer than `least` can survive.
   */
  async robust(planned: Planned, set: ImageSet, clean: Uint8Array, watch: Watch, least = 0): Promise<Survivors> {
    const { rule = 'ANY_STEP' } = planned.measurement;
    const attack = planned === this.main ? (this.mainAttack as Attack) : this.attackOf(planned);
    return findSurvivors({ attack, passes: attackPasses(planned), set, clean, rule, seed: this.seed, watch, least });
  }

  /** Measures a set; the watch advances by images x measurementPasses. */
  async take(set: ImageSet, watch: Watch): Promise<Taken> {
    const standard = await this.standard(set, watch);
    return { standard, ...(this.main?.attack && (await this.attacked(set, standard, watch))) };
  }

  /** Robust accuracy under the measure's own attack, of images of which `clean` are right; empty where fewer than `least` survive. */
  async attacked(set: ImageSet, clean: Uint8Array, watch: Watch, least = 0): Promise<Pick<Taken, 'robust' | 'verdict'>> {
    const main = this.main as Planned;
    const survivors = await this.robust(main, set, clean, watch, least);
    if (survivors.ended) return {};
    return { robust: survivors.robust, verdict: verdictOf(clean, survivors, (main.attack as ChosenAttack).config.epsilon) };
  }

  /** Gives back what the attacks hold that were tried so far: the next measurement takes others. */
  release(): Promise<void> {
    return this.tools.release();
  }

  dispose(): Promise<void> {
    return this.tools.dispose();
  }
}
