/**
 * AT-AWP (Wu et al., NeurIPS 2020; code: csdongxian/AWP, AT_AWP): the step of adversarial training is taken at weights that have
 * been moved for the worse first, each by gamma times its own length along the gradient,
 *   v = gamma ||w|| g / ||g||, g = d CE(f(x'), y) / dw,   w <- w - rate (d CE(f_{w + v}(x'), y) / dw + decay (w + v)),
 * for weights of two or more dimensions; biases and batch normalisation stay. In the code all passes are in training mode: those of
 * the attack and a last look at its result move the running statistics, the pass that finds v does not, then the pass of the
 * step does, and after the step one of the clean batch. (Between its epochs the code leaves the mode of its evaluation on for
 * one attack; here it is training mode always.)
 * Published with gamma 0.01 from the first epoch, epsilon 8/255, ten steps of 2/255, weight decay 5e-4 and 200 epochs with a tenth
 * of the rate after half and after three quarters.
 */
import type { VariantOptions } from '../../config.ts';
import { norm, plus } from '../../ops/arrays.ts';
import type { Weights } from '../../weights/weights.ts';
import { climbCrossEntropy, StatisticsPass } from '../inner-attack.ts';
import { innerAttack, type Started, started, stepGradients } from './attack-then-step.ts';
import type { Objective, TrainingVariant } from './variant.ts';

/** v, of the weights that it moves. */
export function perturbation(weights: Weights, gradients: Weights, gamma: number): Weights {
  const moved = Object.entries(gradients).filter(([name, { shape }]) => shape.length > 1 && name.endsWith('weight'));
  return Object.fromEntries(
    moved.map(([name, gradient]) => {
      const factor = (gamma * norm(weights[name] as Weights[string])) / (norm(gradient) + 1e-20);
      return [name, { ...gradient, data: gradient.data.map((value) => factor * value) }];
    }),
  );
}

/** array + factor other, where there is another. */
function added(arrays: Weights, factor: number, others: Weights): Weights {
  const entries = Object.entries(others).map(([name, other]) => [name, plus(arrays[name] as Weights[string], factor, other)]);
  return { ...arrays, ...Object.fromEntries(entries) };
}

export const awp: TrainingVariant<VariantOptions['AWP']> = {
  passes: ({ steps }) => ({ wholeAttack: steps, forward: 2, training: 2 }),
  chooses: 'robust',
  create(work): Objective<Started> {
    const { options, weightDecay, backend, network } = work;
    const attack = innerAttack(work, climbCrossEntropy, 'training');
    const source = stepGradients(work);
    const pass = work.batchNorm === 'UPDATE' ? new StatisticsPass(backend, network) : undefined;
    return {
      prepare: started(work, 'ball'),
      async gradients({ start, ...clean }, before, epoch, watch) {
        const { adversarial, statistics } = await attack.perturb(clean, start, before, watch);
        const attacked = { ...before, ...statistics };
        const weights = { ...attacked, ...(await pass?.after(adversarial, attacked)) };
        const batch = { ...clean, images: adversarial };
        if (epoch < options.warmup || options.gamma === 0) return source.gradients(batch, weights);
        const worse = perturbation(weights, (await source.gradients(batch, weights)).gradients, options.gamma);
        const step = await source.gradients(batch, added(weights, 1, worse));
        return { ...step, gradients: added(step.gradients, weightDecay, worse) };
      },
      settle: async ({ images }, weights) => (await pass?.after(images, weights)) ?? {},
      dispose: async () => {
        await Promise.all([attack.dispose(), source.dispose(), pass?.dispose()]);
      },
    };
  },
};
