/** Adversarial training beside RiFT: this lab's finished runs and the paper's table. Only numbers of one protocol are compared. */
import type { Trust } from '../../engine/config.ts';
import { canonicalName, corruptionListOf, meanAccuracy, metricOf, ofSuite, type SuiteMetric, suiteMetrics } from '../../engine/index.ts';
import { type Corrupted, type FinishedRun, finishedRuns } from '../store/leaderboard.ts';
import { type Comparison, comparison } from './evaluations.ts';
import type { AttackCell, LeaderboardCell, LeaderboardRow, Unranked } from './leaderboard-rows.ts';
import { networkOf } from './networks.ts';
import { publishedRows } from './published.ts';
import type { Session } from './session.ts';

export interface Leaderboard {
  dataset: string;
  /** Of all rows, before a protocol is chosen: this lab's by name, then those of published rows. */
  protocols: string[];
  rows: LeaderboardRow[];
  /** How many rows there are of what was chosen; of each protocol the best are listed. */
  total: number;
}

export interface LeaderboardChoice {
  dataset: string;
  architecture?: string | null;
  protocol?: string | null;
  includePublished?: boolean | null;
}

/** Rows of an answer, shared by the protocols; each has at least a few. */
const mostRows = 1000;
const fewRows = 20;

export async function readLeaderboard(session: Session, choice: LeaderboardChoice): Promise<Leaderboard> {
  const dataset = canonicalName(choice.dataset);
  const runs = (await finishedRuns(session.lab.database, dataset)).flatMap(rowsOf);
  const own = withoutRepeats(runs);
  const all = choice.includePublished === false ? own : [...own, ...publishedRows(dataset)];
  const chosen = all.filter(
    ({ architecture }) => !choice.architecture || canonicalName(architecture) === canonicalName(choice.architecture),
  );
  const protocolsOf = (published: boolean) => chosen.filter((row) => row.published === published).map(({ protocol }) => protocol);
  const protocols = [...new Set([...protocolsOf(false).sort(), ...protocolsOf(true)])];
  const wanted = protocols.filter((protocol) => !choice.protocol || protocol === choice.protocol);
  const groups = wanted.map((protocol) => ranked(chosen.filter((row) => row.protocol === protocol)));
  const most = Math.max(fewRows, Math.floor(mostRows / Math.max(1, groups.length)));
  return {
    dataset,
    protocols,
    rows: groups.flatMap((rows) => rows.slice(0, most)),
    total: groups.reduce((sum, rows) => sum + rows.length, 0),
  };
}

/** What RiFT changed in a suite, image by image; null where the outcomes of both are not there. */
export async function compareRow(session: Session, { base, rift }: LeaderboardRow, suite: SuiteMetric): Promise<Comparison | null> {
  const ids = [base.evaluationIds[suite], rift?.evaluationIds[suite]];
  const [before, after] = await Promise.all(ids.map((id) => (id === undefined ? null : session.load.evaluation.load(id))));
  return before && after ? comparison(before, after) : null;
}

/** Robust, or else on corrupted images, then standard accuracy. A suspect number counts as none, so it is never better than one that is not. */
function scoreOf({ base, rift }: Unranked): [number, number] {
  const { robust, ood, standard, trust } = rift ?? base;
  return [trust === 'SUSPECT' ? -1 : (robust ?? ood ?? -1), standard ?? -1];
}

/** The best first; equal scores share a rank. */
function ranked(rows: Unranked[]): LeaderboardRow[] {
  const scored = rows.map((row) => ({ row, score: scoreOf(row) }));
  scored.sort((one, other) => other.score[0] - one.score[0] || other.score[1] - one.score[1]);
  let rank = 1;
  return scored.map(({ row, score }, index) => {
    if (scored[index - 1]?.score.join() !== score.join()) rank = index + 1;
    return { ...row, rank };
  });
}

/** A row with what tells which others it repeats or goes with. */
interface OwnRow extends Unranked {
  /** Whether the weights were measured by themselves, apart from the run that they come from. */
  isAlone: boolean;
  /** What its network differs from in a few modules. */
  derivedFrom: number | null;
  /** Of the measurements that it is ranked by. */
  fingerprints: string;
}

/**
 * Weights that were measured by themselves stand once under a protocol: in their run's row, or else as the newest measurement.
 * Where what they come from was measured the same way, both are one row. rows: the newest first.
 */
function withoutRepeats(rows: readonly OwnRow[]): Unranked[] {
  const keyOf = (checkpoint: number | null | undefined, { fingerprints }: OwnRow) => `${checkpoint} ${fingerprints}`;
  const whole = rows.filter(({ isAlone }) => !isAlone);
  const shown = new Set(whole.flatMap((row) => [row.base, row.rift].flatMap((cell) => (cell ? [keyOf(cell.checkpointId, row)] : []))));
  const alone = new Map<string, OwnRow>();
  for (const row of rows) {
    const key = keyOf(row.base.checkpointId, row);
    if (row.isAlone && !shown.has(key) && !alone.has(key)) alone.set(key, row);
  }
  const bases = new Map([...whole, ...alone.values()].map((row) => [keyOf(row.base.checkpointId, row), row]));
  const paired = [...alone.values()].map((row) => {
    const base = row.derivedFrom === null ? undefined : bases.get(keyOf(row.derivedFrom, row));
    if (base) alone.delete(keyOf(row.derivedFrom, row));
    return base ? { ...row, base: base.base, rift: row.base } : row;
  });
  return [...whole, ...paired.filter((row) => row.rift || alone.has(keyOf(row.base.checkpointId, row)))];
}

function rowsOf(run: FinishedRun): OwnRow[] {
  const labelled = (...labels: string[]) => run.checkpoints.find(({ label }) => labels.includes(label))?.checkpoint;
  const base = labelled('base', 'trained');
  if (!base) return [];
  const before = measured(run, base.id);
  const selected = run.kind === 'RIFT' ? labelled('selected') : undefined;
  const after = selected && measured(run, selected.id);
  const main = mainSuites.find((suite) => before[suite].length > 0);
  if (!main) return [];
  const comparable = after && fingerprintsOf(before[main]) === fingerprintsOf(after[main]);
  return [
    {
      architecture: base.architecture,
      network: networkOf(base),
      variant: base.variant ?? 'unknown',
      published: false,
      source: null,
      link: null,
      runId: run.id,
      base: { ...cellOf(before, base.id), attacks: attacksOf(run, base.id) },
      rift: selected && after && comparable ? { ...cellOf(after, selected.id), attacks: attacksOf(run, selected.id) } : null,
      isAlone: run.kind === 'EVALUATION',
      derivedFrom: base.baseId,
      fingerprints: fingerprintsOf(before[main]),
      protocol: `${chosenOn(run, selected ? [base, selected] : [base])}; ${before[main][0]?.protocol}${oodOf(before.corrupted)}`,
    },
  ];
}

/** Which corruptions an accuracy on corrupted images is the mean of, and where they come from: part of what makes rows comparable. */
function oodOf(corrupted: Corrupted | undefined): string {
  if (!corrupted) return '';
  return `; OOD: ${corruptionListOf(corrupted)}, ${corrupted.sources.toSorted().join(' and ')}`;
}

/** What makes up the number of each suite. */
type Measured = Record<(typeof mainSuites)[number], FinishedRun['evaluations']> & { corrupted: Corrupted | undefined };

/** Numbers are compared where their adversarial protocol is the same; of networks that were not attacked, the standard one. */
const mainSuites = ['ADVERSARIAL', 'STANDARD'] as const;

function measured(run: FinishedRun, checkpoint: number): Measured {
  const own = run.evaluations.filter(({ checkpointId }) => checkpointId === checkpoint);
  return {
    ADVERSARIAL: ofSuite(own, 'ADVERSARIAL'),
    STANDARD: ofSuite(own, 'STANDARD'),
    corrupted: run.corrupted.find(({ checkpointId }) => checkpointId === checkpoint),
  };
}

/** The newest number of every attack but the suite's own. */
function attacksOf(run: FinishedRun, checkpoint: number): AttackCell[] {
  const attacked = run.evaluations.filter(({ checkpointId, suite }) => checkpointId === checkpoint && suite === 'ADVERSARIAL');
  const newest = new Map(attacked.map((one) => [metricOf(one), one]));
  newest.delete(suiteMetrics.ADVERSARIAL);
  return [...newest].map(([metric, { correct, images, trust }]) => ({
    attack: metric.slice(suiteMetrics.ADVERSARIAL.length + 1),
    accuracy: correct / images,
    trust,
  }));
}

const fingerprintsOf = (evaluations: FinishedRun['evaluations']) =>
  evaluations
    .map(({ fingerprint }) => fingerprint)
    .sort()
    .join();

const worstFirst: readonly Trust[] = ['SUSPECT', 'CHECKED', 'UNCHECKED'];

function cellOf(found: Measured, checkpointId: number): Omit<LeaderboardCell, 'attacks'> {
  const { ADVERSARIAL, STANDARD, corrupted } = found;
  const main = [...STANDARD, ...ADVERSARIAL];
  const trusts = [...main.map(({ trust }) => trust), ...(corrupted?.trust ?? [])];
  return {
    standard: meanAccuracy(STANDARD) ?? null,
    robust: meanAccuracy(ADVERSARIAL) ?? null,
    ood: corrupted?.accuracy ?? null,
    images: (ADVERSARIAL[0] ?? STANDARD[0])?.images ?? null,
    checkpointId,
    trust: worstFirst.find((trust) => trusts.includes(trust)) ?? 'UNCHECKED',
    findings: [...new Set([...main.flatMap(({ findings }) => findings), ...(corrupted?.findings ?? [])])],
    evaluationIds: { standard: STANDARD[0]?.id, robust: ADVERSARIAL[0]?.id, ood: corrupted?.evaluationId ?? undefined },
  };
}

/**
 * The worst of the splits that chose the weights, or what they come from: a number on test means less when test chose. What chose
 * weights from elsewhere is not known here.
 */
function chosenOn(run: FinishedRun, checkpoints: readonly { chosenOn: string[]; trainedHere: boolean }[]): string {
  if (run.kind === 'EVALUATION' && checkpoints.every((one) => !one.trainedHere && one.chosenOn.length === 0)) return 'chosen elsewhere';
  const { protocol } = run.config as { protocol?: string };
  const splits = new Set([protocol === 'PAPER' ? 'test' : 'holdout', ...checkpoints.flatMap((checkpoint) => checkpoint.chosenOn)]);
  return `chosen on ${splits.has('test') ? 'test' : 'holdout'}`;
}
