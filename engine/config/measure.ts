/** What is measured, on which images. */
import { z } from 'zod';
import { attackChoice, problemsOfAttacks } from './attack-choice.ts';
import { pgdConfig } from './attacks.ts';
import { problemsOfCorruptions } from './corruptions.ts';
import { count } from './fields.ts';

export const suites = ['STANDARD', 'ADVERSARIAL', 'OOD'] as const;
export type Suite = (typeof suites)[number];

/** Whether a number can be trusted: its sanity checks passed, one failed, or none ran. */
export const trusts = ['CHECKED', 'SUSPECT', 'UNCHECKED'] as const;
export type Trust = (typeof trusts)[number];

export const robustnessRules = ['ANY_STEP', 'LAST_STEP'] as const;
export type RobustnessRule = (typeof robustnessRules)[number];

export const measureConfig = z
  .object({
    images: count('Images measured, from the front of the split; the whole split when absent.').optional(),
    suites: z.array(z.enum(suites)).min(1).max(suites.length).default(['STANDARD', 'ADVERSARIAL']).describe('What is measured.'),
    attack: pgdConfig.prefault({}).describe('Attack of the adversarial suite.'),
    attacks: z.array(attackChoice).max(32).optional().describe('More attacks, measured one by one; none when absent.'),
    corruptions: z
      .array(z.string().min(1).max(40))
      .min(1)
      .max(64)
      .optional()
      .describe(
        "Corruptions of the OOD suite by their names in the benchmark (gaussian_noise, fog ...), or by a list's: fifteen, as in the paper and when absent, or official_code, the eighteen of its code.",
      ),
    severities: z
      .array(z.int().min(1).max(5))
      .min(1)
      .max(5)
      .optional()
      .describe('Severities of the OOD suite, all five when absent; its number is the mean over them.'),
    autoAttack: z
      .boolean()
      .optional()
      .describe("Measure AutoAttack, standard, too: APGD-CE, APGD-T, FAB-T and Square in turn, at the attack's epsilon."),
    rule: z
      .enum(robustnessRules)
      .default('ANY_STEP')
      .describe(
        'Whether an image must be classified right clean and at every step of the attack, or at the last step of PGD alone, as in the official code.',
      ),
  })
  .superRefine((measure, context) => {
    for (const { path, message } of [...problemsOfAttacks(measure), ...problemsOfCorruptions(measure)])
      context.addIssue({ code: 'custom', path, message });
  });
export type MeasureConfig = z.infer<typeof measureConfig>;
