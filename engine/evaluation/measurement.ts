/** What a measurement is: its identity, which ones an evaluation takes, and what its number is called. */
import { attackKinds } from '../attacks/attacks.ts';
import type { AttackDescription } from '../attacks/description.ts';
import type { MeasureConfig, RobustnessRule, Suite } from '../config.ts';
import { EngineError } from '../errors.ts';

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

const plans: Record<Suite, (measure: MeasureConfig) => Measurement[]> = {
  STANDARD: () => [{ suite: 'STANDARD' }],
  ADVERSARIAL: ({ attack, rule }) => [{ suite: 'ADVERSARIAL', attack: attackKinds.PGD.describe(attack), rule }],
  OOD: () => {
    throw new EngineError('The suite OOD cannot be measured.', 'Ask for STANDARD and ADVERSARIAL.');
  },
};

/** The measurements of an evaluation, in order. Throws EngineError for a suite that cannot be measured. */
export function planMeasurements(measure: MeasureConfig): Measurement[] {
  return [...new Set(measure.suites)].flatMap((suite) => plans[suite](measure));
}

/** What the number of a suite is called among metrics, in sweeps and on leaderboards. */
export const suiteMetrics = { STANDARD: 'standard', ADVERSARIAL: 'robust', OOD: 'ood' } as const satisfies Record<Suite, string>;
export type SuiteMetric = (typeof suiteMetrics)[Suite];

/** The attack whose number is the suite's own. */
const mainAttack = 'PGD';

interface Named {
  suite: Suite;
  attack?: unknown;
  corruption?: string | null;
  severity?: number | null;
}

const nameOfAttack = (attack: unknown): string | undefined => (attack as { name?: string } | null | undefined)?.name;

/** `standard`, `robust`, `robust.SQUARE`, `ood.fog.3`: one name for each measurement. */
export function metricOf({ suite, attack, corruption, severity }: Named): string {
  const name = nameOfAttack(attack);
  return [suiteMetrics[suite], name === mainAttack ? undefined : name, corruption, severity].filter((part) => part != null).join('.');
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
