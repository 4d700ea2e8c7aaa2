/**
 * The attack inside a training step: sign steps in the l-infinity ball, as engine/attacks/ascent.ts takes them, but on any loss, and
 * where the published code leaves the network in training mode, with the statistics of the batch.
 */
import * as tf from '@tensorflow/tfjs-core';
import { type AscentConfig, movedBy, stepped } from '../attacks/ascent.ts';
import { Pace } from '../attacks/pace.ts';
import type { Backend, CompiledStep, HostArray, HostArrays, Step, Tensors } from '../backends/backend.ts';
import type { Batch } from '../data/batches.ts';
import { differentiate } from '../models/differentiate.ts';
import { hasBatchStatistics, type Network, parametersOf } from '../models/network.ts';
import { crossEntropy } from '../ops/losses.ts';
import type { RandomStream } from '../random.ts';
import type { Watch } from '../watch.ts';
import type { Weights } from '../weights/weights.ts';
import { Passes, type PassMode } from './passes.ts';

/** What an attack climbs: losses [images] of logits, and of labels int32 [images] or of the network's probabilities for the images. */
export interface Climb {
  from: 'labels' | 'probabilities';
  of(logits: tf.Tensor2D, from: tf.Tensor): tf.Tensor1D;
}

export const climbCrossEntropy: Climb = { from: 'labels', of: (logits, labels) => crossEntropy(logits, labels as tf.Tensor1D) };

/** Points beside the images, at normal distances of 0.001 in every pixel; not cut to [0, 1], as in the code of TRADES. */
export function besideImages(images: HostArray, streamOf: (row: number) => RandomStream): HostArray {
  return movedBy(images, (offset, row) => streamOf(row).fillNormal(offset, 0, 0.001));
}

/** A step of adversarial in the balls of images, and the running statistics after the pass. */
function attackStep(network: Network, config: AscentConfig, climb: Climb, mode: PassMode): Step {
  return (inputs) => {
    const adversarial = inputs.adversarial as tf.Tensor;
    const { gradients, kept } = differentiate({ adversarial }, () => {
      const passes = new Passes(network, inputs, mode);
      const loss = tf.sum(climb.of(passes.logits(adversarial), inputs[climb.from] as tf.Tensor)) as tf.Scalar;
      return { loss, kept: passes.statistics };
    });
    return { adversarial: stepped(adversarial, gradients.adversarial as tf.Tensor, inputs.images as tf.Tensor, config), ...kept };
  };
}

function passStep(network: Network, mode: PassMode, outputs: (logits: tf.Tensor2D, passes: Passes) => Tensors): Step {
  return (inputs) => {
    const passes = new Passes(network, inputs, mode);
    return outputs(passes.logits(inputs.images as tf.Tensor), passes);
  };
}

export class InnerAttack {
  private readonly mode: PassMode;
  private readonly step: CompiledStep;
  private readonly probabilities: CompiledStep | undefined;
  /** Names of the running statistics that move on the way. */
  private readonly moving: readonly string[];
  private readonly pace = new Pace();

  /** mode: as Passes has it; without batch statistics in the network there is but one. */
  constructor(
    backend: Backend,
    network: Network,
    private readonly config: AscentConfig,
    weights: Weights,
    options: { climb: Climb; mode: PassMode },
  ) {
    this.mode = hasBatchStatistics(network) ? options.mode : 'evaluation';
    const running = parametersOf(network).filter(({ trained }) => !trained);
    this.moving = this.mode === 'training' ? running.map(({ name }) => name) : [];
    const constants = this.constantsOf(weights);
    const rows = { inputs: ['images', 'adversarial', options.climb.from], outputs: rowsOrMean, exact: false };
    const shared = this.mode === 'evaluation' ? { parallelism: 'images' as const } : { parallelism: 'threads' as const, rows };
    const step = attackStep(network, config, options.climb, this.mode);
    this.step = backend.compile(`inner attack step of ${network.architecture}`, step, { ...shared, constants });
    if (options.climb.from === 'probabilities') {
      const mode = this.mode === 'training' ? 'batch' : this.mode;
      const probabilities = passStep(network, mode, (logits) => ({ probabilities: tf.softmax(logits) }));
      this.probabilities = backend.compile(`probabilities of ${network.architecture}`, probabilities, {
        ...shared,
        rows: { ...rows, inputs: ['images'] },
        constants,
      });
    }
  }

  private constantsOf(weights: Weights): Weights {
    return Object.fromEntries(Object.entries(weights).filter(([name]) => !this.moving.includes(name)));
  }

  /** The points after all steps, and the running statistics as the passes left them. The watch advances by images x steps. */
  async perturb(clean: Batch, start: HostArray, weights: Weights, watch: Watch): Promise<{ adversarial: HostArray; statistics: Weights }> {
    const constants = this.constantsOf(weights);
    await Promise.all([this.step.setConstants(constants), this.probabilities?.setConstants(constants)]);
    const { images, labels } = clean;
    const from = this.probabilities ? await this.probabilities.run({ images }) : { labels };
    const feed = Object.fromEntries(['adversarial', ...this.moving].map((name) => [name, name]));
    let moved: HostArrays = { adversarial: start, ...Object.fromEntries(this.moving.map((name) => [name, weights[name] as HostArray])) };
    await this.pace.take(this.config.steps, clean.count, watch, async (times) => {
      moved = await this.step.run({ images, ...from, ...moved }, { times, feed });
    });
    const { adversarial, ...statistics } = moved;
    return { adversarial: adversarial as HostArray, statistics };
  }

  async dispose(): Promise<void> {
    await Promise.all([this.step.dispose(), this.probabilities?.dispose()]);
  }
}

const rowsOrMean = (name: string) => (name === 'adversarial' || name === 'probabilities' ? ('rows' as const) : ('mean' as const));

/** Running statistics after one more pass of images in training mode, of which nothing else is wanted. */
export class StatisticsPass {
  private readonly step: CompiledStep | undefined;

  constructor(backend: Backend, network: Network) {
    if (!hasBatchStatistics(network)) return;
    const step = passStep(network, 'training', (_logits, { statistics }) => statistics);
    const rows = { inputs: ['images'], outputs: () => 'mean' as const, exact: false };
    this.step = backend.compile(`statistics of ${network.architecture}`, step, { parallelism: 'threads', rows });
  }

  async after(images: HostArray, weights: Weights): Promise<Weights> {
    return (await this.step?.run({ ...weights, images })) ?? {};
  }

  async dispose(): Promise<void> {
    await this.step?.dispose();
  }
}
