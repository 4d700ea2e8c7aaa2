/** Which attacks an evaluation takes beside its own. */
import { z } from 'zod';
import { attackConfigs, attackNames, type ChosenAttack, isL2, isPgd, type PgdConfig } from './attacks.ts';
import { count, type Problem } from './fields.ts';

/** Fields of a choice that are settings of their own; the others are `options`. */
const plainSettings = ['epsilon', 'steps', 'restarts', 'queries'] as const;
const isPlain = (key: string) => (plainSettings as readonly string[]).includes(key);

const attackFields = z.object({
  name: z.enum(attackNames).describe(`Name of the attack: ${attackNames.join(', ')}.`),
  epsilon: z
    .number()
    .min(0)
    .max(100)
    .optional()
    .describe("Radius of the ball, in pixels of [0, 1]; that of the evaluation's own attack when absent, 0.5 in l2."),
  steps: z.int().min(0).max(10_000).optional().describe('Gradient steps of one run.'),
  restarts: count('Runs of the attack.', 100).optional(),
  queries: count('Points that SQUARE asks the network about.', 1_000_000).optional(),
  options: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('Settings that only some attacks have: stepSize and randomStart of PGD, targets of APGD_T and FAB_T.'),
});
type AttackFields = z.infer<typeof attackFields>;

/** What was given, without what was left out. */
function given({ name: _, options, ...plain }: AttackFields): Record<string, unknown> {
  return Object.fromEntries(Object.entries({ ...plain, ...options }).filter(([, value]) => value !== undefined && value !== null));
}

/**
 * The attack with all of its settings. What was not given of a PGD in l-infinity is as in the evaluation's own attack, its step a
 * quarter of another epsilon; epsilon of the others likewise; everything else has the attack's own default.
 */
export function chosenAttack(fields: AttackFields, own: PgdConfig): ChosenAttack {
  const { name } = fields;
  const settings = given(fields);
  const { epsilon = isL2(name) ? undefined : own.epsilon } = settings as { epsilon?: number };
  const inherited = isPgd(name) && !isL2(name) ? own : {};
  const stepSize = isPgd(name) && epsilon !== undefined && epsilon !== own.epsilon ? { stepSize: epsilon / 4 } : {};
  const config = attackConfigs[name].parse({ ...inherited, ...(epsilon !== undefined && { epsilon }), ...stepSize, ...settings });
  return { name, config } as ChosenAttack;
}

/** One more attack of an evaluation. Settings that the attack does not have are refused. */
export const attackChoice = attackFields.superRefine((fields, context) => {
  const refuse = (key: string, message: string) =>
    context.addIssue({ code: 'custom', path: isPlain(key) ? [key] : ['options', key], message });
  for (const key of Object.keys(fields.options ?? {}))
    if (isPlain(key)) context.addIssue({ code: 'custom', path: ['options', key], message: `${key} stands beside name, not in options.` });
  const schema = attackConfigs[fields.name];
  const known = Object.keys(schema.shape);
  for (const [key, value] of Object.entries(given(fields))) {
    const setting = (schema.shape as Record<string, z.ZodType>)[key];
    if (!setting) refuse(key, `${fields.name} has no setting ${key}; it has ${known.join(', ')}.`);
    else for (const { message } of setting.safeParse(value).error?.issues ?? []) refuse(key, message);
  }
});
export type AttackChoice = z.infer<typeof attackChoice>;

/** What an evaluation attacks with: its own PGD, and more. */
export interface Attacking {
  suites: readonly string[];
  attack: PgdConfig;
  attacks?: readonly AttackChoice[] | undefined;
  autoAttack?: boolean | undefined;
}

/** The attacks beside the evaluation's own. */
export function moreAttacks({ attack, attacks = [], autoAttack }: Attacking): ChosenAttack[] {
  const chosen = attacks.map((choice) => chosenAttack(choice, attack));
  return autoAttack ? [...chosen, { name: 'AUTO_ATTACK', config: { epsilon: attack.epsilon } }] : chosen;
}

/** What would be ignored or measured twice. */
export function problemsOfAttacks(attacking: Attacking): Problem[] {
  const { suites, attack, attacks = [], autoAttack } = attacking;
  if (attacks.some((choice) => !attackChoice.safeParse(choice).success)) return [];
  const problems: Problem[] = [];
  const add = (path: Problem['path'], message: string) => problems.push({ path, message });
  if (!suites.includes('ADVERSARIAL')) {
    const message = 'Only the suite ADVERSARIAL attacks; without it this would be ignored.';
    if (attacks.length > 0) add(['attacks'], message);
    if (autoAttack) add(['autoAttack'], message);
  }
  if (!attack.randomStart && attack.restarts > 1)
    add(['attack', 'restarts'], 'Without a random start every run is the same: restarts would be ignored.');
  const own: ChosenAttack = { name: 'PGD', config: attack };
  const all = [own, ...moreAttacks(attacking)].map((chosen) => JSON.stringify(chosen));
  for (const [index, { name, config }] of moreAttacks(attacking).entries()) {
    const path = index < attacks.length ? ['attacks', index] : ['autoAttack'];
    if (all.indexOf(all[index + 1] as string) <= index) add(path, `${name} with these settings is measured already.`);
    if (!('randomStart' in config) || config.randomStart) continue;
    if (config.restarts > 1) add(path, `${name} without a random start is the same in every run: restarts would be ignored.`);
    if (name.endsWith('_KL')) add(path, `${name} needs a random start: its loss has no gradient at the image itself.`);
  }
  return problems;
}
