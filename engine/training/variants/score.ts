/**
 * SCORE (Pang et al., ICML 2022; code: P2333/SCORE): TRADES with distances d between predictions that obey the triangle inequality,
 * so that accuracy and robustness do not pull apart, and without a reward for what is near enough. d is the squared error, or for
 * comparison the divergence. Two codes were published:
 *   DDPM (gowal21uncovering/): d(p(x), y) + beta max(d(p(x'), p(x)) - clip, 0). The attack starts in the whole ball; attack and step
 *     are in training mode, the attack leaves the running statistics alone; in the step the clean batch runs first.
 *   LSE, KL (without_DDPM/, --attack TRADES): max(d(p(x), y) + beta d(p(x'), p(x)) - bound, 0), where bound is the distance from its
 *     label of a prediction that leaves `clip` to the other classes, evenly. The attack starts at x + 0.001 N(0, 1), in
 *     evaluation mode; in the step the attacked batch runs first.
 * The attack opens the distance to the clean prediction. Published with beta 4 for DDPM, whose labels its parser smooths by 0.1, and
 * with beta 6, clip 0.3 and rate 0.05 otherwise; epsilon 8/255, ten steps of 2/255, weight decay 5e-4.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { VariantOptions } from '../../config.ts';
import { divergence, smoothLabels, softCrossEntropy, squaredDistance } from '../../ops/divergences.ts';
import { topOneCorrect } from '../../ops/losses.ts';
import type { StepLoss } from '../gradients.ts';
import type { Climb } from '../inner-attack.ts';
import { attackThenStep } from './attack-then-step.ts';
import { climbDivergence } from './trades.ts';
import type { TrainingVariant } from './variant.ts';

type Options = VariantOptions['SCORE'];

const climbSquared: Climb = { from: 'probabilities', of: (logits, from) => squaredDistance(tf.softmax(logits), from) };

/** Distance from its label of a prediction that leaves `clip` to the other classes, evenly. */
export function boundOf({ form, clip }: Options, classes: number): number {
  return form === 'KL' ? -Math.log(1 - clip) : clip ** 2 + clip ** 2 / (classes - 1);
}

/** Distance of the clean prediction from the label, and of the attacked one from the clean one. */
function distances(form: Options['form'], clean: tf.Tensor2D, attacked: tf.Tensor2D, label: tf.Tensor2D) {
  if (form !== 'KL') {
    const prediction = tf.softmax(clean);
    return { natural: squaredDistance(prediction, label), robust: squaredDistance(tf.softmax(attacked), prediction) };
  }
  return { natural: softCrossEntropy(clean, label), robust: divergence(attacked, tf.softmax(clean), tf.logSoftmax(clean)) };
}

export function scoreLoss(options: Options): StepLoss {
  const { form, beta, labelSmoothing, clip } = options;
  return {
    takes: ['images', 'adversarial', 'labels'],
    of(taken, passes) {
      const labels = taken.labels as tf.Tensor1D;
      const order = form === 'DDPM' ? (['images', 'adversarial'] as const) : (['adversarial', 'images'] as const);
      const logits = Object.fromEntries(order.map((name) => [name, passes.logits(taken[name] as tf.Tensor)]));
      const [clean, attacked] = [logits.images, logits.adversarial] as [tf.Tensor2D, tf.Tensor2D];
      const classes = clean.shape[1];
      const { natural, robust } = distances(form, clean, attacked, smoothLabels(labels, classes, labelSmoothing));
      const losses =
        form === 'DDPM'
          ? tf.add(natural, tf.mul(tf.relu(tf.sub(robust, clip)), beta))
          : tf.relu(tf.sub(tf.add(natural, tf.mul(robust, beta)), boundOf(options, classes)));
      return { losses: losses as tf.Tensor1D, correct: topOneCorrect(attacked, labels) };
    },
  };
}

export const score: TrainingVariant<Options> = {
  passes: ({ steps }) => ({ attack: steps, forward: 1, training: 2 }),
  chooses: 'robust',
  create(work) {
    const { form } = work.options;
    const loss = scoreLoss(work.options);
    if (form === 'DDPM') return attackThenStep(work, { from: 'ball', climb: climbSquared, mode: 'batch', loss });
    const climb = form === 'KL' ? climbDivergence : climbSquared;
    return attackThenStep(work, { from: 'beside', climb, mode: 'evaluation', loss });
  },
};
