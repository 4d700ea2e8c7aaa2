/** How an attack's loss rises at points: one pass forward and one back. */
import * as tf from '@tensorflow/tfjs-core';
import type { CompiledStep, HostArray, HostArrays, Step, Tensors } from '../backends/backend.ts';
import { differentiate } from '../models/differentiate.ts';
import { logits, type Network } from '../models/network.ts';
import { topOneCorrect } from '../ops/losses.ts';
import type { Weights } from '../weights/weights.ts';
import type { AttackTools } from './attack.ts';
import type { AttackLoss } from './losses.ts';

/**
 * The gradients of the loss of points [count, height, width, channels], and what is seen of them, [count] each. inputs: weights,
 * labels int32 [count], and what the loss depends on beside them.
 */
export function slopeOf(network: Network, inputs: Tensors, points: tf.Tensor, loss: AttackLoss): { gradient: tf.Tensor; seen: Tensors } {
  const labels = inputs.labels as tf.Tensor1D;
  const { gradients, kept: seen } = differentiate({ points }, () => {
    const output = logits(network, inputs, points, 'evaluation');
    const { losses, vanished } = loss.of(output, labels, loss.beside && inputs[loss.beside]);
    return { loss: tf.sum(losses), kept: { correct: topOneCorrect(output, labels), losses, vanished } };
  });
  return { gradient: gradients.points as tf.Tensor, seen };
}

/** Of every point: whether it is classified correctly, its loss, and whether the loss' own gradient was exactly zero. */
export interface Seen {
  correct: Int32Array;
  losses: Float32Array;
  vanished: Int32Array;
}

/** What a step gave out of slopeOf. */
export function seenIn({ correct, losses, vanished }: HostArrays): Seen {
  return {
    correct: correct?.data as Int32Array,
    losses: losses?.data as Float32Array,
    vanished: vanished?.data as Int32Array,
  };
}

function slopeStep(network: Network, loss: AttackLoss): Step {
  return (inputs) => {
    const { gradient, seen } = slopeOf(network, inputs, inputs.points as tf.Tensor, loss);
    return { gradient, ...seen };
  };
}

export interface Slopes extends Seen {
  /** Of the loss, one row a point. */
  gradient: Float32Array;
}

export class Slope {
  private readonly step: CompiledStep;

  constructor({ backend, network, weights }: AttackTools, loss: AttackLoss) {
    const step = slopeStep(network, loss);
    this.step = backend.compile(`${loss.name} slope of ${network.architecture}`, step, {
      parallelism: 'images',
      constants: { ...weights },
    });
  }

  /** points [rows, height, width, channels] in [0, 1], labels int32 [rows]; beside: what the loss depends on, under its name. */
  async at(points: HostArray, labels: HostArray, beside: HostArrays = {}): Promise<Slopes> {
    const outputs = await this.step.run({ points, labels, ...beside });
    return { gradient: outputs.gradient?.data as Float32Array, ...seenIn(outputs) };
  }

  setWeights(weights: Weights): Promise<void> {
    return this.step.setConstants({ ...weights });
  }

  dispose(): Promise<void> {
    return this.step.dispose();
  }
}
