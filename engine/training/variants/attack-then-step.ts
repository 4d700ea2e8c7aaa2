/** Variants that attack the batch and then take one step on both: the attack and the loss are all that is their own. */
import { startingPoints } from '../../attacks/ascent.ts';
import type { HostArray } from '../../backends/backend.ts';
import type { Batch } from '../../data/batches.ts';
import { type StepLoss, TrainingGradients } from '../gradients.ts';
import { besideImages, type Climb, InnerAttack } from '../inner-attack.ts';
import type { PassMode } from '../passes.ts';
import type { Objective, VariantWork } from './variant.ts';

export interface Started extends Batch {
  /** Where the attack starts. */
  start: HostArray;
}

/** The gradients of a step on a loss, in the mode of batch normalisation that is asked for. */
export function stepGradients({ backend, network, names, batchNorm, weights }: VariantWork, loss?: StepLoss): TrainingGradients {
  return new TrainingGradients(backend, network, names, { loss, frozen: batchNorm === 'FROZEN' ? weights : undefined });
}

/** mode: of the published code; frozen statistics leave but one. */
export function innerAttack({ backend, network, attack, weights, batchNorm }: VariantWork, climb: Climb, mode: PassMode): InnerAttack {
  return new InnerAttack(backend, network, attack, weights, { climb, mode: batchNorm === 'FROZEN' ? 'evaluation' : mode });
}

/** Uniform points of the images' balls, points beside the images, or the images where no random start is wanted. */
export function started(work: VariantWork, from: 'ball' | 'beside'): Objective<Started>['prepare'] {
  const { attack } = work;
  return (clean, streamOf) => {
    const stream = (row: number) => streamOf('training attack', row);
    const beside = from === 'beside' && attack.randomStart;
    return { ...clean, start: beside ? besideImages(clean.images, stream) : startingPoints(clean.images, attack, stream) };
  };
}

export function attackThenStep(
  work: VariantWork,
  { from, climb, mode, loss }: { from: 'ball' | 'beside'; climb: Climb; mode: PassMode; loss: StepLoss },
): Objective<Started> {
  const attack = innerAttack(work, climb, mode);
  const source = stepGradients(work, loss);
  return {
    prepare: started(work, from),
    async gradients({ start, ...clean }, weights, _epoch, watch) {
      const { adversarial } = await attack.perturb(clean, start, weights, watch);
      return source.gradients({ ...clean, adversarial }, weights);
    },
    dispose: async () => {
      await Promise.all([attack.dispose(), source.dispose()]);
    },
  };
}
