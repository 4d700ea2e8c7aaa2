/** The training variants by name. */
import { type Variant, type VariantOptions, variants } from '../../config.ts';
import { awp } from './awp.ts';
import { mart } from './mart.ts';
import { pgdAt } from './pgd-at.ts';
import { score } from './score.ts';
import { standard } from './standard.ts';
import { trades } from './trades.ts';
import type { Objective, TrainingVariant, VariantWork } from './variant.ts';

export const trainingVariants: { readonly [Name in Variant]: TrainingVariant<VariantOptions[Name]> } = {
  STANDARD: standard,
  PGD_AT: pgdAt,
  TRADES: trades,
  MART: mart,
  AWP: awp,
  SCORE: score,
};

/** The objective of a section that names a variant and its options. */
export function createObjective(
  { variant, options }: { variant: Variant; options?: object | undefined },
  work: Omit<VariantWork, 'options'>,
): Objective {
  const kind = trainingVariants[variant] as TrainingVariant<object>;
  return kind.create({ ...work, options: variants[variant].options.parse(options ?? {}) });
}
