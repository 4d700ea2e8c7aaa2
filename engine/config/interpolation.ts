/** Which points between base and fine-tuned weights are measured, and how one of them is chosen. */
import { z } from 'zod';

export const interpolationGoals = ['ALL', 'SELECTED'] as const;
export type InterpolationGoal = (typeof interpolationGoals)[number];

export const interpolationConfig = z
  .object({
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
    ood: z.boolean().default(false).describe("Measure every point on corrupted images too: the evaluation's corruptions and severities."),
    until: z
      .enum(interpolationGoals)
      .default('ALL')
      .describe(
        'How far points are measured: all of them, or standard accuracy everywhere and robust accuracy, on one device, only until the selected point is known; it is the same point, for this tolerance.',
      ),
  })
  .superRefine(({ until, ood }, context) => {
    if (until === 'SELECTED' && ood)
      context.addIssue({
        code: 'custom',
        path: ['until'],
        message: 'SELECTED leaves points out: with ood every point is measured, so choose ALL.',
      });
  });
export type InterpolationConfig = z.infer<typeof interpolationConfig>;
