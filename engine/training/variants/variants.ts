/** The training variants by name. */
import type { Variant } from '../../config.ts';
import { pgdAt } from './pgd-at.ts';
import { standard } from './standard.ts';
import type { TrainingVariant } from './variant.ts';

export const trainingVariants: Readonly<Record<Variant, TrainingVariant>> = { STANDARD: standard, PGD_AT: pgdAt };
