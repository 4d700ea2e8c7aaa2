/** Adversarial training beside RiFT: this lab's finished runs and the paper's table. Only numbers of one protocol are compared. */
import { type Suite, suites } from '../../engine/config.ts';
import { meanAccuracy, ofSuite, type SuiteMetric, suiteMetrics } from '../../engine/index.ts';
import { type FinishedRun, finishedRuns } from '../store/leaderboard.ts';
import published from './published-results.json' with { type: 'json' };
import type { Session } from './session.ts';

/** Accuracies are fractions; null where nothing was measured. */
export interface LeaderboardCell extends Record<SuiteMetric, number | null> {
  images: number | null;
  checkpointId: number | null;
}

export interface LeaderboardRow {
  rank: number;
  architecture: string;
  variant: string;
  published: boolean;
  source: string | null;
  runId: number | null;
  base: LeaderboardCell;
  rift: LeaderboardCell | null;
  protocol: string;
}

export interface Leaderboard {
  dataset: string;
  /** Of all rows, before a protocol is chosen. */
  protocols: string[];
  rows: LeaderboardRow[];
}

export interface LeaderboardChoice {
  dataset: string;
  architecture?: string | null;
  protocol?: string | null;
  includePublished?: boolean | null;
}

const canonical = (name: string) => name.toLowerCase().replaceAll(/[-_\s]/g, '');

export async function readLeaderboard(session: Session, choice: LeaderboardChoice): Promise<Leaderboard> {
  const dataset = canonical(choice.dataset);
  const own = (await finishedRuns(session.lab.database, dataset)).flatMap(rowsOf);
  const all = choice.includePublished === false ? own : [...own, ...publishedRows(dataset)];
  const chosen = all.filter(({ architecture }) => !choice.architecture || canonical(architecture) === canonical(choice.architecture));
  const protocols = [...new Set(chosen.map(({ protocol }) => protocol))].sort();
  const rows = protocols
    .filter((protocol) => !choice.protocol || protocol === choice.protocol)
    .flatMap((protocol) => ranked(chosen.filter((row) => row.protocol === protocol)));
  return { dataset, protocols, rows };
}

type Unranked = Omit<LeaderboardRow, 'rank'>;

/** The best robust accuracy first, then the best standard one; equal numbers share a rank. */
function ranked(rows: Unranked[]): LeaderboardRow[] {
  const score = ({ base, rift }: Unranked) => [(rift ?? base).robust ?? -1, (rift ?? base).standard ?? -1] as const;
  const sorted = rows.toSorted((one, other) => score(other)[0] - score(one)[0] || score(other)[1] - score(one)[1]);
  const better = (row: Unranked) => sorted.findIndex((other) => score(other).join() === score(row).join());
  return sorted.map((row) => ({ ...row, rank: better(row) + 1 }));
}

const publishedRows = (dataset: string): Unranked[] =>
  published.rows
    .filter((row) => row.dataset === dataset)
    .map(({ source, architecture, variant, base, rift }) => ({
      ...{ source, architecture, variant, published: true, runId: null, protocol: published.protocol },
      base: { ...base, images: null, checkpointId: null },
      rift: { ...rift, images: null, checkpointId: null },
    }));

function rowsOf(run: FinishedRun): Unranked[] {
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
      variant: base.variant ?? 'unknown',
      published: false,
      source: null,
      runId: run.id,
      base: cellOf(before, base.id),
      rift: selected && after && comparable ? cellOf(after, selected.id) : null,
      protocol: `${chosenOn(run, selected ? [base, selected] : [base])}; ${before[main][0]?.protocol}`,
    },
  ];
}

type Measured = Record<Suite, FinishedRun['evaluations']>;

/** Numbers are compared where their adversarial protocol is the same; of networks that were not attacked, the standard one. */
const mainSuites = ['ADVERSARIAL', 'STANDARD'] as const;

/** What makes up the number of each suite. */
function measured(run: FinishedRun, checkpoint: number): Measured {
  const own = run.evaluations.filter(({ checkpointId }) => checkpointId === checkpoint);
  return Object.fromEntries(suites.map((suite) => [suite, ofSuite(own, suite)])) as Measured;
}

const fingerprintsOf = (evaluations: FinishedRun['evaluations']) =>
  evaluations
    .map(({ fingerprint }) => fingerprint)
    .sort()
    .join();

function cellOf(found: Measured, checkpointId: number): LeaderboardCell {
  const values = suites.map((suite) => [suiteMetrics[suite], meanAccuracy(found[suite]) ?? null]);
  const counted = mainSuites.flatMap((suite) => found[suite])[0];
  return { ...(Object.fromEntries(values) as Record<SuiteMetric, number | null>), images: counted?.images ?? null, checkpointId };
}

/** The worst of the splits that chose the weights, or what they come from: a number on test means less when test chose. */
function chosenOn(run: FinishedRun, checkpoints: readonly { chosenOn: string[] }[]): string {
  const { protocol } = run.config as { protocol?: string };
  const splits = new Set([protocol === 'PAPER' ? 'test' : 'holdout', ...checkpoints.flatMap((checkpoint) => checkpoint.chosenOn)]);
  return `chosen on ${splits.has('test') ? 'test' : 'holdout'}`;
}
