/**
 * MART (Wang et al., ICLR 2020; code: YisenWang/MART, mart.py): a boosted cross-entropy on attacked images, which also pushes the
 * strongest wrong class down, and beta times a divergence that counts more where the clean image is misclassified,
 *   -log p_y(x') - log(1 - max_{k != y} p_k(x')) + beta KL(p(x) || p(x')) (1 - p_y(x)).
 * The attack climbs the cross-entropy, from x + 0.001 N(0, 1), in evaluation mode; in training mode the clean batch runs before the
 * attacked one. The constants keep the logarithms finite and are the code's.
 * Published with beta 6 (5 in its script for ResNet-18), epsilon 0.031, ten steps of 0.007; WRN: rate 0.1, weight decay 7e-4, 90
 * epochs, a tenth after 75; ResNet-18: rate 0.01, weight decay 3.5e-3, 120 epochs.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { VariantOptions } from '../../config.ts';
import { rivalsOf, targetsOf, topOneCorrect } from '../../ops/losses.ts';
import type { StepLoss } from '../gradients.ts';
import { climbCrossEntropy } from '../inner-attack.ts';
import { attackThenStep } from './attack-then-step.ts';
import type { TrainingVariant } from './variant.ts';

export function martLoss(beta: number): StepLoss {
  return {
    takes: ['images', 'adversarial', 'labels'],
    of(taken, passes) {
      const labels = taken.labels as tf.Tensor1D;
      const clean = passes.logits(taken.images as tf.Tensor);
      const attacked = passes.logits(taken.adversarial as tf.Tensor);
      const sum = (values: tf.Tensor) => tf.sum(values, 1);

      const label = targetsOf(attacked, labels);
      const rival = targetsOf(attacked, tf.argMax(rivalsOf(attacked, label), 1) as tf.Tensor1D);
      const probabilities = tf.softmax(attacked);
      const pushed = tf.log(tf.add(tf.sub(1.0001, probabilities), 1e-12));
      const boosted = tf.neg(sum(tf.add(tf.mul(tf.logSoftmax(attacked), label), tf.mul(pushed, rival))));

      const cleanProbabilities = tf.softmax(clean);
      const apart = sum(tf.mul(cleanProbabilities, tf.sub(tf.logSoftmax(clean), tf.log(tf.add(probabilities, 1e-12)))));
      const weight = tf.sub(1.0000001, sum(tf.mul(cleanProbabilities, label)));
      const losses = tf.add(boosted, tf.mul(tf.mul(apart, weight), beta)) as tf.Tensor1D;
      return { losses, correct: topOneCorrect(attacked, labels) };
    },
  };
}

export const mart: TrainingVariant<VariantOptions['MART']> = {
  passes: ({ steps }) => ({ attack: steps, training: 2 }),
  chooses: 'robust',
  create: (work) =>
    attackThenStep(work, { from: 'beside', climb: climbCrossEntropy, mode: 'evaluation', loss: martLoss(work.options.beta) }),
};
