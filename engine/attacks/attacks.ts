/** The attacks by name. */
import type { AttackConfigs, AttackName } from '../config.ts';
import type { AttackKind } from './attack.ts';
import { marginLoss } from './losses.ts';
import { pgd, pgdOn } from './pgd.ts';

export const attackKinds: { readonly [Name in AttackName]: AttackKind<AttackConfigs[Name]> } = {
  PGD: pgd,
  PGD_MARGIN: pgdOn('PGD_MARGIN', marginLoss),
};
