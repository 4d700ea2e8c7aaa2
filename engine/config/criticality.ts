/** How modules are scored by their robust criticality. */
import { z } from 'zod';
import { pgdConfig } from './attacks.ts';
import { count, moduleNames } from './fields.ts';

export const criticalityGoals = ['ALL', 'LEAST'] as const;
export type CriticalityGoal = (typeof criticalityGoals)[number];

/** p of the ball ||delta theta||_p <= epsilon ||theta||_p. */
export const weightNorms = ['L1', 'L2', 'LINF'] as const;
export type WeightNorm = (typeof weightNorms)[number];

export const criticalityConfig = z.object({
  epsilon: z.number().min(0).max(10).default(0.1).describe("Radius of a module's weight ball, as a fraction of the weight's norm."),
  norm: z
    .enum(weightNorms)
    .default('L2')
    .describe("Norm p of the ball, and of the weight that it is around; l2 in the paper's experiments."),
  images: count('Images that the robust loss is measured on; the whole split when absent.').optional(),
  iterations: z.int().min(1).max(1000).default(10).describe('Epochs of gradient ascent over the fixed adversarial examples.'),
  until: z
    .enum(criticalityGoals)
    .default('ALL')
    .describe(
      'How far scores are followed: all to their end, or, on one device, only while they may be among the lowest; the same modules are chosen then, and the other scores are lower bounds.',
    ),
  modules: moduleNames('Modules to score; every conv and linear module when absent.'),
  learningRate: z.number().positive().max(1000).default(1).describe('Step of the ascent; 1 as in the official code.'),
  batchSize: count('Images of one ascent step; 512 as in the official code.', 65_536).default(512),
  attack: pgdConfig
    .prefault({})
    .describe(
      'Attack that makes the fixed adversarial examples, one run of it; that of the evaluation, or else of the training, when absent.',
    ),
});
export type CriticalityConfig = z.infer<typeof criticalityConfig>;
