/** What a measurement is: its identity, which ones an evaluation takes, and what its number is called. */
import { describeAttack } from '../attacks/attacks.ts';
import { type AttackDescription, attackText } from '../attacks/description.ts';
import { type ChosenAttack, isPgd, type MeasureConfig, moreAttacks, type RobustnessRule, type Suite } from '../config.ts';
import { type CorruptionCell, cellsOf } from '../corruptions/suites.ts';

/** One accuracy of a checkpoint, apart from the checkpoint and the images. */
export interface Measurement {
  suite: Suite;
  attack?: AttackDescription;
  /** When an image counts as robust. */
  rule?: RobustnessRule;
  corruption?: string;
  /** From 1 to 5. */
  severity?: number;
}

/** A measurement that is to be taken. */
export interface Planned {
  measurement: Measurement;
  attack?: ChosenAttack;
  /** What the number is called beside others of its suite; the suite's own when absent. */
  label?: string;
  /** How the images are corrupted. */
  cell?: CorruptionCell;
}

/** The plan of an attack. Only PGD has a last step to go by; the others search for any point. */
export function plannedAttack(attack: ChosenAttack, rule: RobustnessRule, label?: string): Planned {
  const description = describeAttack(attack);
  const effective = isPgd(attack.name) ? rule : 'ANY_STEP';
  return { measurement: { suite: 'ADVERSARIAL', attack: description, rule: effective }, attack, label };
}

/** The attack whose number is the suite's own. */
const mainAttack = 'PGD';

/** Whether a measurement's number is that of the adversarial suite. */
export const isMain = ({ attack, label }: Planned): boolean => attack !== undefined && label === undefined;

/** Names of attacks, with the settings that tell those of one name apart: `SQUARE`, `PGD.eps:4/255`. */
function labelsOf(own: ChosenAttack, more: readonly ChosenAttack[]): string[] {
  const all = [own, ...more].map(describeAttack);
  return all.slice(1).map((description, index) => {
    const first = all.slice(0, index + 1).find(({ name }) => name === description.name);
    if (!first) return description.name;
    const differing = Object.entries(description).filter(([key, value]) => key !== 'name' && value !== first[key]);
    return attackText({ ...Object.fromEntries(differing), name: description.name })
      .replaceAll(' ', '.')
      .replaceAll('=', ':');
  });
}

const plans: Record<Suite, (measure: MeasureConfig) => Planned[]> = {
  STANDARD: () => [{ measurement: { suite: 'STANDARD' } }],
  ADVERSARIAL: (measure) => {
    const own: ChosenAttack = { name: mainAttack, config: measure.attack };
    const isNew = (description: string, index: number, all: string[]) => index > 0 && all.indexOf(description) === index;
    const all = [own, ...moreAttacks(measure)];
    const texts = all.map((attack) => attackText(describeAttack(attack)));
    const more = all.filter((_, index) => isNew(texts[index] as string, index, texts));
    const labels = labelsOf(own, more);
    return [plannedAttack(own, measure.rule), ...more.map((attack, index) => plannedAttack(attack, measure.rule, labels[index]))];
  },
  OOD: (measure) => cellsOf(measure).map((cell) => ({ measurement: { suite: 'OOD', ...cell }, cell })),
};

/** The measurements of a suite; of the adversarial one, that of the measure's own attack first. */
export const planOfSuite = (measure: MeasureConfig, suite: Suite): Planned[] => plans[suite](measure);

/** The measurements of an evaluation, in order. */
export function planMeasurements(measure: MeasureConfig): Planned[] {
  return [...new Set(measure.suites)].flatMap((suite) => planOfSuite(measure, suite));
}

/** What the number of a suite is called among metrics, in sweeps and on leaderboards. */
export const suiteMetrics = { STANDARD: 'standard', ADVERSARIAL: 'robust', OOD: 'ood' } as const satisfies Record<Suite, string>;
export type SuiteMetric = (typeof suiteMetrics)[Suite];

interface Named {
  suite: Suite;
  attack?: unknown;
  corruption?: string | null;
  severity?: number | null;
}

/** The attack's label, or its name where it has none. */
function labelOf(attack: unknown): string | undefined {
  const { name, label } = (attack ?? {}) as { name?: string; label?: string };
  return label ?? (name === mainAttack ? undefined : name);
}

/** `standard`, `robust`, `robust.SQUARE`, `ood.fog.3`: one name for each measurement. */
export function metricOf({ suite, attack, corruption, severity }: Named): string {
  return [suiteMetrics[suite], labelOf(attack), corruption, severity].filter((part) => part != null).join('.');
}

interface Counted extends Named {
  correct: number;
  images: number;
}

/**
 * The evaluations that make up a suite's own number: the newest of the main attack, or of every corruption and severity.
 * evaluations: those of one checkpoint, the oldest first.
 */
export function ofSuite<Evaluation extends Named>(evaluations: readonly Evaluation[], suite: Suite): Evaluation[] {
  const newest = new Map(evaluations.filter((one) => one.suite === suite).map((one) => [metricOf(one), one]));
  if (suite === 'OOD') return [...newest.values()];
  const own = newest.get(suiteMetrics[suite]);
  return own ? [own] : [];
}

/** The mean accuracy of evaluations, a fraction; undefined without images. */
export function meanAccuracy(evaluations: readonly Pick<Counted, 'correct' | 'images'>[]): number | undefined {
  const shares = evaluations.flatMap(({ correct, images }) => (images > 0 ? [correct / images] : []));
  return shares.length === 0 ? undefined : shares.reduce((sum, share) => sum + share, 0) / shares.length;
}
