/** What is measured, on which images. */
import { z } from 'zod';
import { pgdConfig } from './attacks.ts';
import { count } from './fields.ts';

export const suites = ['STANDARD', 'ADVERSARIAL', 'OOD'] as const;
export type Suite = (typeof suites)[number];

/** Whether a number can be trusted: its sanity checks passed, one failed, or none ran. */
export const trusts = ['CHECKED', 'SUSPECT', 'UNCHECKED'] as const;
export type Trust = (typeof trusts)[number];

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
