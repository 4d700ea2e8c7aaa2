/** What an evaluation says of its attack. */
import { attackWord, suiteWord } from './words.ts';

export interface AttackWords {
  /** With the settings that tell it from others of the same name; undefined without an attack. */
  name: string | undefined;
  /** Images that are left right after each part of an attack that is several in turn. */
  stages: { name: string; correct: number }[];
  warnings: string[];
}

interface Recorded {
  name?: unknown;
  label?: unknown;
  stages?: Record<string, number>;
  warnings?: unknown;
}

/** `PGD.steps:50` as `PGD (steps 50)`. */
export function labelledAttack(label: string): string {
  const [name = '', ...settings] = label.split('.');
  return attackWord(name) + (settings.length > 0 ? ` (${settings.join('.').replaceAll(':', ' ')})` : '');
}

/** attack: the JSON of an evaluation, which scripts may log in any form. */
export function attackOf(attack: unknown): AttackWords {
  const { name, label, stages, warnings } = (typeof attack === 'object' && attack !== null ? attack : {}) as Recorded;
  if (typeof name !== 'string') return { name: undefined, stages: [], warnings: [] };
  return {
    name: labelledAttack(typeof label === 'string' ? label : name),
    stages: Object.entries(stages ?? {}).map(([part, correct]) => ({ name: attackWord(part), correct })),
    warnings: Array.isArray(warnings) ? warnings.map(String) : [],
  };
}

/** `Adversarial`, `Adversarial, Square`: the suite, and the attack where it is not the suite's own. */
export function measuredAs({ suite, attack }: { suite: string; attack: unknown }): string {
  const { name } = attackOf(attack);
  return name === undefined || name === 'PGD' ? suiteWord(suite) : `${suiteWord(suite)}, ${name}`;
}

interface Measured {
  suite: string;
  attack: unknown;
  split: string;
  images: number;
}

/** A suite's own accuracy on the test split, under no attack but its main one: that over most images, of as many the newest. */
export const accuracyOf = <Evaluation extends Measured>(evaluations: readonly Evaluation[], suite: string): Evaluation | undefined =>
  evaluations
    .filter((one) => one.suite === suite && one.split === 'test' && measuredAs(one) === suiteWord(suite))
    .reduce<Evaluation | undefined>((best, one) => (best && best.images > one.images ? best : one), undefined);
