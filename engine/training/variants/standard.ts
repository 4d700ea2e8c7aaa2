/** Standard training: cross-entropy on the clean images. */
import { stepGradients } from './attack-then-step.ts';
import type { TrainingVariant } from './variant.ts';

export const standard: TrainingVariant = {
  passes: () => ({ training: 1 }),
  chooses: 'standard',
  create(work) {
    const source = stepGradients(work);
    return {
      prepare: (clean) => clean,
      gradients: (batch, weights) => source.gradients(batch, weights),
      dispose: () => source.dispose(),
    };
  },
};
