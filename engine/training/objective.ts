/** A variant's objective as the loop takes it: batches of a set, gradients of a step, and the passes that it makes. */

import type { PgdConfig, Variant } from '../config.ts';
import { augmentedBatchOf, type Batch, batchOf } from '../data/batches.ts';
import type { Dataset } from '../data/dataset.ts';
import type { ImageSet } from '../data/splits.ts';
import { RandomStream } from '../random.ts';
import type { Watch } from '../watch.ts';
import type { Loop } from './loop.ts';
import type { Objective } from './variants/variant.ts';
import { trainingVariants } from './variants/variants.ts';

export interface ObjectiveConfig {
  variant: Variant;
  attack: PgdConfig;
}

/** Whether the epoch is chosen by robust accuracy, as the variant wants it. */
export const isChosenByRobust = ({ variant }: Pick<ObjectiveConfig, 'variant'>) => trainingVariants[variant].chooses === 'robust';

/** Passes of one training image through the network in an epoch, and those of them that an objective tells the watch itself. */
export function imagePasses({ variant, attack }: ObjectiveConfig): { all: number; attack: number } {
  const { attack: split = 0, wholeAttack = 0, training, forward = 0 } = trainingVariants[variant].passes(attack);
  return { all: split + wholeAttack + training + forward, attack: split + wholeAttack };
}

export interface StepsWork {
  objective: ObjectiveConfig;
  train: ImageSet;
  augmentation: Dataset['augmentation'];
  seed: number;
  watch: Watch;
}

/** A batch of the training images as this epoch shows them. */
export function augmentedBatch(
  { train, augmentation, seed }: Pick<StepsWork, 'train' | 'augmentation' | 'seed'>,
  members: Int32Array,
  epoch: number,
): Batch {
  if (!augmentation) return batchOf(train, members);
  const stream = (member: number) => new RandomStream(seed, 'augmentation', epoch, train.positions[member] as number);
  return augmentedBatchOf(train, members, augmentation.padding, stream);
}

/** The loop's own advance of the watch is one pass an image. */
export function stepsOf(objective: Objective, work: StepsWork): Pick<Loop, 'prepare' | 'gradients' | 'settle'> {
  const { train, seed, watch } = work;
  const passes = imagePasses(work.objective);
  return {
    prepare(members, epoch) {
      const position = (row: number) => train.positions[members[row] as number] as number;
      const clean = augmentedBatch(work, members, epoch);
      return objective.prepare(clean, (purpose, row) => new RandomStream(seed, purpose, epoch, position(row)));
    },
    async gradients(batch, weights, epoch) {
      const result = await objective.gradients(batch, weights, epoch, watch);
      watch.advance((passes.all - passes.attack - 1) * batch.count);
      return result;
    },
    settle: objective.settle?.bind(objective),
  };
}
