/** How a network is trained. */
import { z } from 'zod';
import { architectureNames } from '../models/architectures.ts';
import { pgdConfig } from './attacks.ts';
import { count } from './fields.ts';

export type { ArchitectureName } from '../models/architectures.ts';

/** Training objectives, each with its label and what it is. */
export const variants = {
  STANDARD: { label: 'Standard', description: 'Cross-entropy on clean images.' },
  PGD_AT: { label: 'PGD-AT', description: 'Adversarial training: cross-entropy on PGD examples (Madry et al., 2018).' },
};
export type Variant = keyof typeof variants;
export const variantNames = Object.keys(variants) as [Variant, ...Variant[]];

export const trainingConfig = z.object({
  architecture: z.enum(architectureNames).describe('Form of the network.'),
  variant: z.enum(variantNames).default('PGD_AT').describe('Objective of the training.'),
  dataset: z.string().min(1).max(100).describe('Name of the dataset, as the datasets query lists it.'),
  trainImages: count('Training images used, taken from the front of the training split; all of them when absent.').optional(),
  epochs: count('Passes over the training images.', 10_000).default(110),
  batchSize: count('Images of one optimiser step.', 65_536).default(128),
  learningRate: z.number().positive().max(100).default(0.1).describe('Step of stochastic gradient descent before any milestone.'),
  milestones: z
    .array(z.int().min(1).max(10_000))
    .max(100)
    .default([100, 105])
    .describe('Epochs after which the learning rate is divided by ten.'),
  momentum: z.number().min(0).max(1).default(0.9).describe('Momentum of the optimiser, as in PyTorch (no dampening).'),
  weightDecay: z
    .number()
    .min(0)
    .max(10)
    .default(0.0005)
    .describe('Weight decay on every parameter, batch-norm scales and offsets included.'),
  attack: pgdConfig.prefault({}).describe('Attack that makes the training examples of PGD_AT.'),
});
export type TrainingConfig = z.infer<typeof trainingConfig>;
