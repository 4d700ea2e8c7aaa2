/** The attacks by name. */
import type { AttackConfigs, AttackName, ChosenAttack, RobustnessRule } from '../config.ts';
import { EngineError } from '../errors.ts';
import { apgdCrossEntropy, apgdDlr, apgdTargeted } from './apgd.ts';
import type { Attack, AttackKind } from './attack.ts';
import { autoAttack } from './cascade.ts';
import type { AttackDescription } from './description.ts';
import { fabTargeted } from './fab.ts';
import { crossEntropyLoss, divergenceLoss, dlrLoss, marginLoss } from './losses.ts';
import { l2 } from './norms.ts';
import { pgd, pgdOn } from './pgd.ts';
import { square } from './square.ts';
import type { AttackTools } from './tools.ts';

export const attackKinds: { readonly [Name in AttackName]: AttackKind<AttackConfigs[Name]> } = {
  PGD: pgd,
  PGD_MARGIN: pgdOn('PGD_MARGIN', marginLoss),
  PGD_DLR: pgdOn('PGD_DLR', dlrLoss),
  PGD_KL: pgdOn('PGD_KL', divergenceLoss),
  PGD_L2: pgdOn('PGD_L2', crossEntropyLoss, l2),
  PGD_L2_MARGIN: pgdOn('PGD_L2_MARGIN', marginLoss, l2),
  PGD_L2_DLR: pgdOn('PGD_L2_DLR', dlrLoss, l2),
  PGD_L2_KL: pgdOn('PGD_L2_KL', divergenceLoss, l2),
  APGD_CE: apgdCrossEntropy,
  APGD_DLR: apgdDlr,
  APGD_T: apgdTargeted,
  FAB_T: fabTargeted,
  SQUARE: square,
  AUTO_ATTACK: autoAttack,
};

/** The name of an attack says which settings its kind takes. */
const kindOf = ({ name }: ChosenAttack) => attackKinds[name] as AttackKind<unknown>;

/** Classes that an attack's loss needs at least. */
export const leastClasses = (attack: ChosenAttack): number => kindOf(attack).classes;

/** Passes through the network that one image takes at most. */
export const passesOf = (attack: ChosenAttack): number => kindOf(attack).passes(attack.config);

/** How many of these need no gradient. */
export const looksOf = (attack: ChosenAttack): number => kindOf(attack).looks(attack.config);

export const describeAttack = (attack: ChosenAttack): AttackDescription => kindOf(attack).describe(attack.config);

/** Throws EngineError where the network has too few classes for the attack's loss. */
export function createAttack(tools: AttackTools, attack: ChosenAttack, rule: RobustnessRule): Attack {
  const classes = leastClasses(attack);
  if (tools.network.classes < classes)
    throw new EngineError(
      `${attack.name} needs at least ${classes} classes; this network has ${tools.network.classes}.`,
      'Measure with PGD, PGD_MARGIN, APGD_CE or SQUARE instead.',
    );
  return kindOf(attack).create(tools, attack.config, rule);
}
