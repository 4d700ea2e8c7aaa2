/** Standard training: cross-entropy on the clean images. */
import { TrainingGradients } from '../gradients.ts';
import type { TrainingVariant } from './variant.ts';

export const standard: TrainingVariant = {
  passes: () => 1,
  chooses: 'standard',
  create({ backend, network }) {
    const source = new TrainingGradients(backend, network);
    return {
      prepare: (clean) => clean,
      gradients: (batch, weights) => source.gradients(batch, weights),
      dispose: () => source.dispose(),
    };
  },
};
