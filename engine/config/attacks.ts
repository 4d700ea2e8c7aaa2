/** The settings of attacks. Pixels are in [0, 1]. */
import { z } from 'zod';
import { count } from './fields.ts';

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
