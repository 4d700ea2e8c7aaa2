/** Which modules are fine-tuned, and how. */
import { z } from 'zod';
import { pgdConfig } from './attacks.ts';
import { count, moduleNames } from './fields.ts';
import { resolveVariant, variantNames } from './variants.ts';

export const moduleSelections = ['NON_ROBUST_CRITICAL', 'ROBUST_CRITICAL', 'LAST', 'ALL', 'TOP_K', 'NAMED'] as const;
export type ModuleSelection = (typeof moduleSelections)[number];

export const batchNormModes = ['FROZEN', 'UPDATE'] as const;
export type BatchNormMode = (typeof batchNormModes)[number];

export const fineTuneConfig = z
  .object({
    select: z
      .enum(moduleSelections)
      .default('NON_ROBUST_CRITICAL')
      .describe('Which modules are trained: the lowest MRC score, the highest, the last module, all, the k lowest, or those named.'),
    k: z.int().min(1).max(10_000).optional().describe('Number of modules, where the k lowest are trained.'),
    modules: moduleNames('Modules that are trained, where they are named.'),
    variant: z
      .enum(variantNames)
      .default('STANDARD')
      .describe(
        'Objective of the fine-tuning. That of RiFT is the standard one, on clean images; PGD-AT of the most critical modules is adversarial fine-tuning of critical layers (CLAT).',
      ),
    attack: pgdConfig.optional().describe('Attack of an adversarial objective; that of the evaluation when absent.'),
    options: z.record(z.string(), z.unknown()).optional().describe("What the objective adds, as a training's options."),
    trainImages: count(
      'Training images used, taken from the front of the training split; when absent those that trained the weights, as far as that is known, else all.',
    ).optional(),
    epochs: count('Passes over the training images.', 10_000).default(10),
    batchSize: count('Images of one optimiser step.', 65_536).default(128),
    learningRate: z
      .number()
      .positive()
      .max(100)
      .default(0.001)
      .describe('Step of stochastic gradient descent; divided by ten after half of the epochs.'),
    weightDecay: z.number().min(0).max(10).default(0.0005).describe('Weight decay on the trained modules.'),
    batchNorm: z
      .enum(batchNormModes)
      .default('FROZEN')
      .describe('Whether running statistics stay as they are or move; they move in the official code.'),
  })
  .check(resolveVariant)
  .superRefine((value, context) => {
    if (value.variant === 'STANDARD' && value.attack !== undefined)
      context.addIssue({ code: 'custom', path: ['attack'], message: 'Only an adversarial objective takes an attack; STANDARD has none.' });
    if (value.select === 'TOP_K' && value.k === undefined)
      context.addIssue({ code: 'custom', path: ['k'], message: 'TOP_K needs k, the number of modules to train.' });
    if (value.select === 'NAMED' && value.modules === undefined)
      context.addIssue({ code: 'custom', path: ['modules'], message: 'NAMED needs modules, the names of the modules to train.' });
    if (value.select !== 'TOP_K' && value.k !== undefined)
      context.addIssue({ code: 'custom', path: ['k'], message: `Only TOP_K takes k; ${value.select} would ignore it.` });
    if (value.select !== 'NAMED' && value.modules !== undefined)
      context.addIssue({ code: 'custom', path: ['modules'], message: `Only NAMED takes modules; ${value.select} would ignore them.` });
  });
export type FineTuneConfig = z.infer<typeof fineTuneConfig>;
