/** How an attack's loss rises at points: one pass forward and one back. */
import * as tf from '@tensorflow/tfjs-core';
import type { HostArrays, Tensors } from '../backends/backend.ts';
import { differentiate } from '../models/differentiate.ts';
import { logits, type Network } from '../models/network.ts';
import { topOneCorrect } from '../ops/losses.ts';
import type { AttackLoss } from './losses.ts';

/**
 * The gradients of the loss of points, and what is seen of them, [count] each. inputs: weights, labels int32 [count], and what the
 * loss depends on beside them; imagesOf: the points as images [count, height, width, channels], where they lie another way.
 */
export function slopeOf(
  network: Network,
  inputs: Tensors,
  points: tf.Tensor,
  loss: AttackLoss,
  imagesOf = (given: tf.Tensor) => given,
): { gradient: tf.Tensor; seen: Record<keyof Seen, tf.Tensor> } {
  const labels = inputs.labels as tf.Tensor1D;
  const { gradients, kept: seen } = differentiate({ points }, () => {
    const output = logits(network, inputs, imagesOf(points), 'evaluation');
    const { losses, vanished } = loss.of(output, labels, loss.beside && inputs[loss.beside]);
    return { loss: tf.sum(losses), kept: { correct: topOneCorrect(output, labels), losses, vanished } };
  });
  return { gradient: gradients.points as tf.Tensor, seen: seen as Record<keyof Seen, tf.Tensor> };
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
