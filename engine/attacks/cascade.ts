/**
 * Several attacks in turn on an image until one fools it. AutoAttack, standard (Croce and Hein, 2020): APGD on the cross-entropy,
 * targeted APGD, targeted FAB and Square, each with its published settings.
 */
import type { AttackConfigs, AutoAttackConfig } from '../config.ts';
import { apgdCrossEntropy, apgdTargeted } from './apgd.ts';
import type { Attack, AttackKind, Finding, Target } from './attack.ts';
import { fabTargeted } from './fab.ts';
import { square } from './square.ts';
import type { AttackTools } from './tools.ts';

/** One of the attacks with its settings fixed. */
interface Part {
  name: string;
  passes: number;
  looks: number;
  create(tools: AttackTools): Attack;
}

/** The state of the attack that has the image. */
interface Attempt {
  target: Target;
  part: number;
  inner: unknown;
}

class Cascade implements Attack<Attempt> {
  readonly parts: readonly string[];
  private readonly attacks: readonly Attack[];

  constructor(parts: readonly Part[], tools: AttackTools) {
    this.parts = parts.map(({ name }) => name);
    this.attacks = parts.map(({ create }) => create(tools));
  }

  private of(part: number): Attack {
    return this.attacks[part] as Attack;
  }

  begin(target: Target, part = 0): Attempt {
    return { target, part, inner: this.of(part).begin(target) };
  }

  passOf({ part, inner }: Attempt): string {
    return `${part} ${this.of(part).passOf(inner)}`;
  }

  async advance(pass: string, attempts: readonly Attempt[]): Promise<Finding[]> {
    const [{ part }] = attempts as [Attempt];
    const inner = attempts.map((attempt) => attempt.inner);
    const findings = await this.of(part).advance(pass.slice(pass.indexOf(' ') + 1), inner);
    return findings.map((finding, row) => {
      const goesOn = finding.answer === 'SURVIVED' && part + 1 < this.parts.length;
      if (goesOn) Object.assign(attempts[row] as Attempt, this.begin((attempts[row] as Attempt).target, part + 1));
      return { ...finding, part: this.parts[part] as string, ...(goesOn && { answer: 'OPEN' as const }) };
    });
  }
}

interface Kinds {
  APGD_CE: AttackKind<AttackConfigs['APGD_CE']>;
  APGD_T: AttackKind<AttackConfigs['APGD_T']>;
  FAB_T: AttackKind<AttackConfigs['FAB_T']>;
  SQUARE: AttackKind<AttackConfigs['SQUARE']>;
}
const kinds: Kinds = { APGD_CE: apgdCrossEntropy, APGD_T: apgdTargeted, FAB_T: fabTargeted, SQUARE: square };

function part<Name extends keyof Kinds>(name: Name, config: AttackConfigs[Name]): Part {
  const kind = kinds[name] as AttackKind<AttackConfigs[Name]>;
  return { name, passes: kind.passes(config), looks: kind.looks(config), create: (tools) => kind.create(tools, config, 'ANY_STEP') };
}

/** Targets that are more than the classes allow are left out by the attacks themselves. */
const standard = ({ epsilon }: AutoAttackConfig): Part[] => [
  part('APGD_CE', { epsilon, steps: 100, restarts: 1 }),
  part('APGD_T', { epsilon, steps: 100, restarts: 1, targets: 9 }),
  part('FAB_T', { epsilon, steps: 100, targets: 9 }),
  part('SQUARE', { epsilon, queries: 5000 }),
];

export const autoAttack: AttackKind<AutoAttackConfig> = {
  classes: apgdTargeted.classes,
  passes: (config) => standard(config).reduce((sum, { passes }) => sum + passes, 0),
  looks: (config) => standard(config).reduce((sum, { looks }) => sum + looks, 0),
  describe: ({ epsilon }) => ({ name: 'AUTO_ATTACK', norm: 'linf', epsilon, version: 'standard' }),
  create: (tools, config) => new Cascade(standard(config), tools),
};
