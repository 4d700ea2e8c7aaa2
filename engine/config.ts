/**
 * The configuration of every experiment: units, bounds and defaults.
 * The form, the API's checks and the documentation derive from these schemas; the defaults are the
 * paper's settings (Zhu et al., ICCV 2023, section 5.1 and appendix) unless a description says otherwise.
 */
import { z } from 'zod';
import { architectureNames } from './models/architectures.ts';

export type { ArchitectureName } from './models/architectures.ts';

/** Training objectives, each with its label and what it is. */
export const variants = {
  STANDARD: { label: 'Standard', description: 'Cross-entropy on clean images.' },
  PGD_AT: { label: 'PGD-AT', description: 'Adversarial training: cross-entropy on PGD examples (Madry et al., 2018).' },
};
export type Variant = keyof typeof variants;
export const variantNames = Object.keys(variants) as [Variant, ...Variant[]];

export const moduleSelections = ['NON_ROBUST_CRITICAL', 'ROBUST_CRITICAL', 'LAST', 'ALL', 'TOP_K', 'NAMED'] as const;
export type ModuleSelection = (typeof moduleSelections)[number];

export const batchNormModes = ['FROZEN', 'UPDATE'] as const;
export type BatchNormMode = (typeof batchNormModes)[number];

export const selectionProtocols = ['HOLD_OUT', 'PAPER'] as const;
export type SelectionProtocol = (typeof selectionProtocols)[number];

export const suites = ['STANDARD', 'ADVERSARIAL', 'OOD'] as const;
export type Suite = (typeof suites)[number];

export const stageNames = ['TRAINING', 'CRITICALITY', 'FINE_TUNE', 'INTERPOLATION', 'EVALUATION'] as const;
export type StageName = (typeof stageNames)[number];

export const splits = ['train', 'holdout', 'test'] as const;
export type Split = (typeof splits)[number];

/** Whether a number can be trusted: its sanity checks passed, one failed, or none ran. */
export const trusts = ['CHECKED', 'SUSPECT', 'UNCHECKED'] as const;
export type Trust = (typeof trusts)[number];

const count = (description: string, most = 10_000_000) => z.int().min(1).max(most).describe(description);

export const pgdConfig = z.object({
  epsilon: z
    .number()
    .min(0)
    .max(1)
    .default(8 / 255)
    .describe('Radius of the l-infinity ball, in pixels of [0, 1].'),
  stepSize: z
    .number()
    .min(0)
    .max(1)
    .default(2 / 255)
    .describe('Length of one sign step, in pixels of [0, 1].'),
  steps: z.int().min(0).max(1000).default(10).describe('Gradient steps of one run of the attack.'),
  randomStart: z.boolean().default(true).describe('Start from a uniform point of the ball instead of the image itself.'),
  restarts: count('Runs of the attack; an image counts as robust only if it survives them all.', 100).default(1),
});
export type PgdConfig = z.infer<typeof pgdConfig>;

/** The settings of every attack, by its name. */
export const attackConfigs = { PGD: pgdConfig, PGD_MARGIN: pgdConfig };
export type AttackName = keyof typeof attackConfigs;
export type AttackConfigs = { [Name in AttackName]: z.infer<(typeof attackConfigs)[Name]> };

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

/** Names of modules, each once: a second one would be work for nothing. */
const moduleNames = (description: string) =>
  z
    .array(z.string().min(1).max(200))
    .min(1)
    .max(10_000)
    .superRefine((names, context) => {
      const again = names.findIndex((name, index) => names.indexOf(name) < index);
      if (again > 0) context.addIssue({ code: 'custom', path: [again], message: 'This module is named twice.' });
    })
    .optional()
    .describe(description);

export const criticalityConfig = z.object({
  epsilon: z.number().min(0).max(10).default(0.1).describe("Radius of a module's weight ball, as a fraction of the weight's l2 norm."),
  images: count('Images that the robust loss is measured on; the whole split when absent.').optional(),
  iterations: z.int().min(1).max(1000).default(10).describe('Epochs of gradient ascent over the fixed adversarial examples.'),
  modules: moduleNames('Modules to score; every conv and linear module when absent.'),
  learningRate: z.number().positive().max(1000).default(1).describe('Step of the ascent; 1 as in the official code.'),
  batchSize: count('Images of one ascent step; 512 as in the official code.', 65_536).default(512),
  attack: pgdConfig
    .optional()
    .describe('Attack that makes the fixed adversarial examples; that of the evaluation, or else of the training, when absent.'),
});
export type CriticalityConfig = z.infer<typeof criticalityConfig>;

export const fineTuneConfig = z
  .object({
    select: z
      .enum(moduleSelections)
      .default('NON_ROBUST_CRITICAL')
      .describe('Which modules are trained: the lowest MRC score, the highest, the last module, all, the k lowest, or those named.'),
    k: z.int().min(1).max(10_000).optional().describe('Number of modules of TOP_K.'),
    modules: moduleNames('Modules of NAMED.'),
    trainImages: count(
      'Training images used, taken from the front of the training split; when absent those that trained the weights, as far as that is known, else all.',
    ).optional(),
    epochs: count('Passes over the clean training images.', 10_000).default(10),
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
      .describe('FROZEN keeps the running statistics; UPDATE lets them move, as the official code does.'),
  })
  .superRefine((value, context) => {
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

export const interpolationConfig = z.object({
  alphas: z
    .array(z.number().min(0, 'An alpha lies in [0, 1].').max(1, 'An alpha lies in [0, 1].'))
    .min(1)
    .max(1001)
    .default([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1])
    .describe('Positions between the base (0) and the fine-tuned weights (1); 0 is always measured.'),
  tolerance: z
    .number()
    .min(0)
    .max(1)
    .default(0.001)
    .describe('Robust accuracy that the selected point may lose against alpha 0, as a fraction.'),
});
export type InterpolationConfig = z.infer<typeof interpolationConfig>;

export const robustnessRules = ['ANY_STEP', 'LAST_STEP'] as const;
export type RobustnessRule = (typeof robustnessRules)[number];

export const measureConfig = z.object({
  images: count('Images measured, from the front of the split; the whole split when absent.').optional(),
  suites: z.array(z.enum(suites)).min(1).max(suites.length).default(['STANDARD', 'ADVERSARIAL']).describe('What is measured.'),
  attack: pgdConfig.prefault({}).describe('Attack of the adversarial suite.'),
  rule: z
    .enum(robustnessRules)
    .default('ANY_STEP')
    .describe(
      'ANY_STEP: an image that is misclassified clean or at any step of the attack is not robust. LAST_STEP: only the last step counts, as in the official code.',
    ),
});
export type MeasureConfig = z.infer<typeof measureConfig>;
