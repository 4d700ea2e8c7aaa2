/**
 * Adversarial training (Madry et al., 2018): cross-entropy on PGD examples of the current network alone. They are made with
 * batch normalisation in evaluation mode, as in the reference implementation; the step itself uses training mode.
 */
import { Ascent } from '../../attacks/ascent.ts';
import { type Started, started, stepGradients } from './attack-then-step.ts';
import type { Objective, TrainingVariant } from './variant.ts';

export const pgdAt: TrainingVariant = {
  passes: ({ steps }) => ({ attack: steps, training: 1 }),
  chooses: 'robust',
  create(work): Objective<Started> {
    const ascent = new Ascent(work.backend, work.network, work.attack, work.weights, { lasting: false });
    const source = stepGradients(work);
    return {
      prepare: started(work, 'ball'),
      async gradients({ start, ...clean }, weights, _epoch, watch) {
        await ascent.setWeights(weights);
        const images = await ascent.perturb(clean, start, watch);
        return source.gradients({ ...clean, images }, weights);
      },
      dispose: async () => {
        await Promise.all([ascent.dispose(), source.dispose()]);
      },
    };
  },
};
