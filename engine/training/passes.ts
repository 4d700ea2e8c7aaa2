/** The forward passes of one step, in the order in which a variant makes them. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensors } from '../backends/backend.ts';
import { statisticsKept } from '../models/layers.ts';
import { logits, type Network } from '../models/network.ts';

interface Pass {
  output: tf.Tensor2D;
  /** Running statistics before and after. */
  before: Tensors;
  after: Tensors;
}

/**
 * evaluation: batch normalisation by the running statistics. training: by those of the batch, and every pass moves the running ones
 * on from where the pass before left them. batch: by those of the batch, the running ones stay.
 */
export type PassMode = 'evaluation' | 'training' | 'batch';

export class Passes {
  /** The running statistics after the passes so far; empty where they stay. */
  readonly statistics: Tensors = {};
  private readonly made = new Map<tf.Tensor, Pass>();

  constructor(
    private readonly network: Network,
    private readonly weights: Tensors,
    private readonly mode: PassMode,
  ) {}

  /**
   * Logits of images. A second pass of the same tensor gives what the first gave, so it costs nothing; the running statistics move
   * by it once more.
   */
  logits(images: tf.Tensor): tf.Tensor2D {
    const known = this.made.get(images);
    if (known) {
      this.again(known);
      return known.output;
    }
    const after: Tensors = {};
    const mode = this.mode === 'evaluation' ? 'evaluation' : { statistics: after };
    const output = logits(this.network, Object.assign(Object.create(this.weights), this.statistics), images, mode);
    if (this.mode === 'training') {
      this.made.set(images, { output, before: this.running(after), after });
      Object.assign(this.statistics, after);
    } else this.made.set(images, { output, before: {}, after: {} });
    return output;
  }

  /** As the passes so far left them. */
  private running(statistics: Tensors): Tensors {
    return Object.fromEntries(Object.keys(statistics).map((name) => [name, (this.statistics[name] ?? this.weights[name]) as tf.Tensor]));
  }

  /** The batch's share is what its first pass added to what it kept. */
  private again({ before, after }: Pass): void {
    for (const [name, now] of Object.entries(this.running(after)))
      this.statistics[name] = tf.add(after[name] as tf.Tensor, tf.mul(tf.sub(now, before[name] as tf.Tensor), statisticsKept));
  }
}
