/** The inputs of the start mutations: the engine's configuration, and what surrounds it. Checkpoints are row ids here. */
import { z } from 'zod';
import {
  criticalityConfig,
  fineTuneConfig,
  interpolationConfig,
  measureConfig,
  pgdConfig,
  selectionProtocols,
  trainingConfig,
} from '../../../engine/config.ts';
import { tag } from '../runs.ts';

export { tag };

const checkpoint = (description: string) => z.int().describe(description);

const common = {
  project: z.string().describe('Name of the project that the run belongs to.'),
  name: z.string().trim().min(1).max(200).optional().describe('Name of the run; made from its kind, network and data when absent.'),
  seed: z
    .int()
    .min(0)
    .max(2_147_483_647)
    .default(0)
    .describe('Everything random comes from it; the same seed repeats a run on the same backend.'),
  protocol: z
    .enum(selectionProtocols)
    .default('HOLD_OUT')
    .describe('Which images choose module, epoch and alpha; for weights from elsewhere also which of the test images are left to measure.'),
  tags: z.array(tag).max(100).default([]).describe('Labels to find the run by.'),
  device: z.int().optional().describe('Device to compute on; any idle one when absent.'),
};

const dataset = z.string().min(1).max(100).optional().describe('Name of the dataset; that of the weights when absent.');

export const trainingRequest = z.object({
  ...common,
  training: trainingConfig.describe('The network and how it is trained.'),
  evaluation: measureConfig.optional().describe('What is measured on the test split at the end; nothing when absent.'),
});

export const riftModel = z.object({
  checkpoint: checkpoint('Weights that are already here.').optional(),
  training: trainingConfig.optional().describe('Weights that the run trains first.'),
});

export const riftRequest = z.object({
  ...common,
  dataset,
  model: riftModel.describe('Where the adversarially trained weights come from: exactly one of the two.'),
  criticality: criticalityConfig.prefault({}).describe('Step 1: scoring every module.'),
  fineTune: fineTuneConfig.prefault({}).describe('Step 2: fine-tuning the chosen module, on clean data.'),
  interpolation: interpolationConfig.prefault({}).describe('Step 3: interpolating back toward the adversarially trained weights.'),
  evaluation: measureConfig.prefault({}).describe('What is measured, on how many images, under which attack.'),
});

export const criticalityRequest = z.object({
  ...common,
  dataset,
  checkpoint: checkpoint('Weights whose modules are scored.'),
  criticality: criticalityConfig.prefault({}).describe('How the modules are scored.'),
  attack: pgdConfig.optional().describe('The same as criticality.attack; give one of the two.'),
});

export const fineTuneRequest = z.object({
  ...common,
  dataset,
  checkpoint: checkpoint('Weights that are fine-tuned.'),
  criticality: criticalityConfig.optional().describe('How modules are scored first, where the choice is by MRC.'),
  fineTune: fineTuneConfig.describe('Which modules are trained, and how. A choice by MRC scores them first.'),
});

export const interpolationRequest = z.object({
  ...common,
  dataset,
  base: checkpoint('Weights of alpha 0.'),
  tuned: checkpoint('Weights of alpha 1, of the same architecture.'),
  merge: z
    .array(z.int())
    .min(1)
    .max(16)
    .optional()
    .describe(
      'More fine-tuned checkpoints of the base, merged with tuned and swept as one: a tensor that one of them changed is taken from it, one that several changed is the mean of theirs.',
    ),
  interpolation: interpolationConfig.prefault({}).describe('Positions to measure and how the best is chosen.'),
  evaluation: measureConfig.prefault({}).describe('On how many images, and under which attack, each position is measured.'),
});

export const evaluationRequest = z.object({
  ...common,
  protocol: z
    .enum(selectionProtocols)
    .optional()
    .describe(
      'For weights from elsewhere: whether the half of the test images that takes the place of held-out ones is left out. When absent, it is left out where it chose the weights.',
    ),
  dataset,
  checkpoint: checkpoint('Weights that are measured on the test split.'),
  evaluation: measureConfig.describe('What is measured, on how many images, under which attack.'),
});

/** By the mutation that takes it. */
export const requests = {
  startTraining: trainingRequest,
  startRift: riftRequest,
  startCriticality: criticalityRequest,
  startFineTune: fineTuneRequest,
  startInterpolation: interpolationRequest,
  startEvaluation: evaluationRequest,
};
