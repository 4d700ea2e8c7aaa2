/**
 * Adversarial training (Madry et al., 2018): cross-entropy on PGD examples of the current network alone. They are made with
 * batch normalisation in evaluation mode, as in the reference implementation; the step itself uses training mode.
 */
import { Ascent, startingPoints } from '../../attacks/ascent.ts';
import type { HostArray } from '../../backends/backend.ts';
import type { Batch } from '../../data/batches.ts';
import { TrainingGradients } from '../gradients.ts';
import type { Objective, TrainingVariant } from './variant.ts';

interface Started extends Batch {
  /** Where the attack starts. */
  start: HostArray;
}

export const pgdAt: TrainingVariant = {
  passes: ({ attack }) => attack.steps + 1,
  chooses: 'robust',
  create({ backend, network, weights: initial, config }): Objective<Started> {
    const ascent = new Ascent(backend, network, config.attack, initial);
    const source = new TrainingGradients(backend, network);
    return {
      prepare: (clean, streamOf) => ({
        ...clean,
        start: startingPoints(clean.images, config.attack, (row) => streamOf('training attack', row)),
      }),
      async gradients({ start, ...clean }, weights, watch) {
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
