/**
 * TRADES (Zhang et al., ICML 2019; code: yaodongyu/TRADES, trades.py): cross-entropy on clean images, and beta times the divergence
 * of the predictions under attack from the clean ones,
 *   CE(f(x), y) + beta KL(p(x) || p(x')),
 * both through the gradient. The attack opens the same divergence, from x + 0.001 N(0, 1), in evaluation mode. In training mode the
 * code runs the clean batch, the attacked batch and the clean batch once more; running statistics move three times.
 * Published with beta 6, epsilon 0.031, ten steps of 0.007, weight decay 2e-4, and 76 epochs with a tenth of the rate after 75.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { VariantOptions } from '../../config.ts';
import { divergence, softCrossEntropy } from '../../ops/divergences.ts';
import { crossEntropy, topOneCorrect } from '../../ops/losses.ts';
import type { StepLoss } from '../gradients.ts';
import type { Climb } from '../inner-attack.ts';
import { attackThenStep } from './attack-then-step.ts';
import type { TrainingVariant } from './variant.ts';

/** Climbs KL(p(x) || p(x')): the entropy of p(x) does not depend on x'. */
export const climbDivergence: Climb = { from: 'probabilities', of: softCrossEntropy };

export function tradesLoss(beta: number): StepLoss {
  return {
    takes: ['images', 'adversarial', 'labels'],
    of(taken, passes) {
      const labels = taken.labels as tf.Tensor1D;
      const natural = crossEntropy(passes.logits(taken.images as tf.Tensor), labels);
      const attacked = passes.logits(taken.adversarial as tf.Tensor);
      const clean = passes.logits(taken.images as tf.Tensor);
      const robust = divergence(attacked, tf.softmax(clean), tf.logSoftmax(clean));
      return { losses: tf.add(natural, tf.mul(robust, beta)) as tf.Tensor1D, correct: topOneCorrect(attacked, labels) };
    },
  };
}

export const trades: TrainingVariant<VariantOptions['TRADES']> = {
  passes: ({ steps }) => ({ attack: steps, forward: 1, training: 2 }),
  chooses: 'robust',
  create: (work) =>
    attackThenStep(work, { from: 'beside', climb: climbDivergence, mode: 'evaluation', loss: tradesLoss(work.options.beta) }),
};
