/** The settings of every attack: units, bounds and defaults. Pixels are in [0, 1]. */
import { z } from 'zod';
import { count } from './fields.ts';

const epsilonLinf = z.number().min(0).max(1).describe('Radius of the l-infinity ball, in pixels of [0, 1].');
const epsilonL2 = z.number().min(0).max(100).describe('Radius of the l2 ball, in pixels of [0, 1].');

export const pgdConfig = z.object({
  epsilon: epsilonLinf.default(8 / 255),
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

const pgdL2Config = pgdConfig.extend({
  epsilon: epsilonL2.default(0.5),
  stepSize: z.number().min(0).max(100).default(0.1).describe('l2 length of one step, in pixels of [0, 1].'),
});

/** Croce and Hein (2020): 100 iterations. */
const apgdConfig = z.object({
  epsilon: epsilonLinf.default(8 / 255),
  steps: z.int().min(1).max(10_000).default(100).describe('Gradient steps of one run.'),
  restarts: count('Runs from other random starts, for images that survived those before.', 100).default(1),
});
export type ApgdConfig = z.infer<typeof apgdConfig>;

const targets = count('Classes that are aimed at, one after the other, the likeliest first.', 1000).default(9);

const targetedApgdConfig = apgdConfig.extend({ targets });
export type TargetedApgdConfig = z.infer<typeof targetedApgdConfig>;

const fabConfig = z.object({
  epsilon: epsilonLinf.default(8 / 255),
  steps: z.int().min(1).max(10_000).default(100).describe('Steps toward the boundary of each class.'),
  targets,
});
export type FabConfig = z.infer<typeof fabConfig>;

const squareConfig = z.object({
  epsilon: epsilonLinf.default(8 / 255),
  queries: count('Points that the network is asked about.', 1_000_000).default(5000),
});
export type SquareConfig = z.infer<typeof squareConfig>;

const autoAttackConfig = z.object({ epsilon: epsilonLinf.default(8 / 255) });
export type AutoAttackConfig = z.infer<typeof autoAttackConfig>;

/** The settings of every attack, by its name. */
export const attackConfigs = {
  PGD: pgdConfig,
  PGD_MARGIN: pgdConfig,
  PGD_DLR: pgdConfig,
  PGD_KL: pgdConfig,
  PGD_L2: pgdL2Config,
  PGD_L2_MARGIN: pgdL2Config,
  PGD_L2_DLR: pgdL2Config,
  PGD_L2_KL: pgdL2Config,
  APGD_CE: apgdConfig,
  APGD_DLR: apgdConfig,
  APGD_T: targetedApgdConfig,
  FAB_T: fabConfig,
  SQUARE: squareConfig,
  AUTO_ATTACK: autoAttackConfig,
};
export type AttackName = keyof typeof attackConfigs;
export const attackNames = Object.keys(attackConfigs) as [AttackName, ...AttackName[]];
/** Sign steps or l2 steps of one length, with a last one to go by. */
export const isPgd = (name: AttackName) => name.startsWith('PGD');
/** The others stay in an l-infinity ball. */
export const isL2 = (name: AttackName) => name.includes('_L2');
/** As pages write them. */
export const attackLabels: Record<AttackName, string> = {
  PGD: 'PGD',
  PGD_MARGIN: 'PGD, margin',
  PGD_DLR: 'PGD, DLR',
  PGD_KL: 'PGD, KL divergence',
  PGD_L2: 'PGD in ℓ2',
  PGD_L2_MARGIN: 'PGD in ℓ2, margin',
  PGD_L2_DLR: 'PGD in ℓ2, DLR',
  PGD_L2_KL: 'PGD in ℓ2, KL divergence',
  APGD_CE: 'APGD, cross-entropy',
  APGD_DLR: 'APGD, DLR',
  APGD_T: 'APGD, targeted',
  FAB_T: 'FAB, targeted',
  SQUARE: 'Square',
  AUTO_ATTACK: 'AutoAttack',
};
export type AttackConfigs = { [Name in AttackName]: z.infer<(typeof attackConfigs)[Name]> };

/** An attack and all of its settings. */
export type ChosenAttack = { [Name in AttackName]: { name: Name; config: AttackConfigs[Name] } }[AttackName];
