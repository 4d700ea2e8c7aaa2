/** What attacks climb. */
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import {
  type Climbable,
  differenceOfLogitsRatio,
  divergenceFrom,
  logitDifference,
  targetedDifferenceOfLogitsRatio,
} from '../ops/attack-losses.ts';
import { climbableCrossEntropy, crossEntropy, margin } from '../ops/losses.ts';

/** What a loss depends on beside logits and labels: a class that is aimed at, int32 [images], or clean logits [images, classes]. */
export type Beside = 'aims' | 'reference';

export interface AttackLoss {
  /** As protocols state it. */
  name: string;
  /** Classes that it needs at least. */
  classes: number;
  beside?: Beside;
  /**
   * Losses [images] of logits [images, classes], larger the more wrong. vanished: where the gradient of the loss as it is named is
   * exactly zero in float32.
   */
  of(logits: Tensor2D, labels: Tensor1D, beside?: tf.Tensor): Climbable;
}

/** Where the cross-entropy saturates, because the label's probability rounds to 1, a margin takes its place. */
export const crossEntropyLoss: AttackLoss = { name: 'cross-entropy-or-margin', classes: 2, of: climbableCrossEntropy };

/** As published: where it saturates there is nothing to climb. */
export const plainCrossEntropyLoss: AttackLoss = {
  name: 'cross-entropy',
  classes: 2,
  of: (logits, labels) => ({ losses: crossEntropy(logits, labels), vanished: climbableCrossEntropy(logits, labels).vanished }),
};

export const marginLoss: AttackLoss = {
  name: 'margin',
  classes: 2,
  of: (logits, labels) => ({ losses: margin(logits, labels), vanished: tf.zerosLike(labels) }),
};

export const dlrLoss: AttackLoss = { name: 'dlr', classes: 3, of: differenceOfLogitsRatio };

export const targetedDlrLoss: AttackLoss = {
  name: 'targeted-dlr',
  classes: 4,
  beside: 'aims',
  of: (logits, labels, aims) => targetedDifferenceOfLogitsRatio(logits, labels, aims as Tensor1D),
};

export const differenceLoss: AttackLoss = {
  name: 'logit-difference',
  classes: 2,
  beside: 'aims',
  of: (logits, labels, aims) => logitDifference(logits, labels, aims as Tensor1D),
};

/** Distance from the clean prediction, whatever the label. */
export const divergenceLoss: AttackLoss = {
  name: 'kl',
  classes: 2,
  beside: 'reference',
  of: (logits, _labels, reference) => divergenceFrom(logits, reference as Tensor2D),
};
