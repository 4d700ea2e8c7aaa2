/** How a network is trained. */
import { z } from 'zod';
import { architectureNames } from '../models/architectures.ts';
import { pgdConfig } from './attacks.ts';
import { count } from './fields.ts';
import { resolveVariant, variantNames } from './variants.ts';

export type { ArchitectureName } from '../models/architectures.ts';

/** How the learning rate goes: by milestones, along half a cosine, or up to two fifths of the epochs and down again. */
export const schedules = ['MILESTONES', 'COSINE', 'CYCLIC'] as const;
export type Schedule = (typeof schedules)[number];

const paperMilestones = [100, 105];

/** Only one schedule has milestones; those of the paper are nobody's wish. */
function resolveSchedule({ value, issues }: z.core.ParsePayload<{ schedule: Schedule; milestones: number[] }>): void {
  const { schedule, milestones } = value;
  if (schedule === 'MILESTONES' || milestones.length === 0) return;
  if (milestones.join() === paperMilestones.join()) value.milestones = [];
  else
    issues.push({
      ...{ code: 'custom', input: value, path: ['milestones'] },
      message: `Only the schedule MILESTONES takes milestones; ${schedule} would ignore them.`,
    });
}

export const trainingConfig = z
  .object({
    architecture: z.enum(architectureNames).describe('Form of the network.'),
    architectureOptions: z
      .record(z.string(), z.unknown())
      .optional()
      .describe('What is chosen of the architecture, as its description says; needed where it has no default.'),
    variant: z.enum(variantNames).default('PGD_AT').describe('Objective of the training.'),
    dataset: z.string().min(1).max(100).describe('Name of the dataset, as the datasets query lists it.'),
    trainImages: count('Training images used, taken from the front of the training split; all of them when absent.').optional(),
    epochs: count('Passes over the training images.', 10_000).default(110),
    batchSize: count('Images of one optimiser step.', 65_536).default(128),
    learningRate: z
      .number()
      .positive()
      .max(100)
      .default(0.1)
      .describe('Largest step of stochastic gradient descent; the schedule says when.'),
    schedule: z
      .enum(schedules)
      .default('MILESTONES')
      .describe(
        'How the learning rate falls: by a tenth at milestones, along half a cosine, or up for two fifths of the epochs and then down.',
      ),
    milestones: z
      .array(z.int().min(1).max(10_000))
      .max(100)
      .default(paperMilestones)
      .describe('Epochs after which the learning rate is divided by ten; only the schedule by milestones has them.'),
    momentum: z.number().min(0).max(1).default(0.9).describe('Momentum of the optimiser, as in PyTorch (no dampening).'),
    weightDecay: z
      .number()
      .min(0)
      .max(10)
      .default(0.0005)
      .describe('Weight decay on every parameter, batch-norm scales and offsets included.'),
    attack: pgdConfig
      .prefault({})
      .describe(
        'Attack that makes the training examples of every variant but the standard one. The random start of TRADES, MART and SCORE is a point beside the image, as in their codes.',
      ),
    options: z
      .record(z.string(), z.unknown())
      .optional()
      .describe(
        'What the variant adds, its published defaults when absent: beta of TRADES and MART; gamma and warmup of AWP; form, beta, labelSmoothing and clip of SCORE.',
      ),
    emaDecay: z
      .number()
      .min(0)
      .max(0.999999)
      .optional()
      .describe(
        'Decay of an exponential moving average of the weights, which is then what is measured and kept; 0.995 in the code of SCORE.',
      ),
    patience: count('Epochs without a better one after which the training ends early; never when absent.', 10_000).optional(),
  })
  .check(resolveVariant)
  .check(resolveSchedule);
export type TrainingConfig = z.infer<typeof trainingConfig>;
