/** What attacks climb. */
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { climbableCrossEntropy, margin } from '../ops/losses.ts';

export interface AttackLoss {
  /** As protocols state it. */
  name: string;
  /**
   * Losses [images] of logits [images, classes], larger the more wrong. vanished, int32 [images]: 1 where the gradient of the loss
   * as it is named is exactly zero in float32; the losses have a gradient to climb there too.
   */
  of(logits: Tensor2D, labels: Tensor1D): { losses: Tensor1D; vanished: Tensor1D };
}

/** Where the cross-entropy saturates, because the label's probability rounds to 1, a margin takes its place. */
export const crossEntropyLoss: AttackLoss = { name: 'cross-entropy-or-margin', of: climbableCrossEntropy };

export const marginLoss: AttackLoss = {
  name: 'margin',
  of: (logits, labels) => ({ losses: margin(logits, labels), vanished: tf.zerosLike(labels) }),
};
