/** Rows of the leaderboard. */
import type { Trust } from '../../engine/config.ts';
import type { SuiteMetric } from '../../engine/index.ts';

/** The number of an attack beside the suite's own. */
export interface AttackCell {
  /** As in its metric: `AUTO_ATTACK`, `PGD.steps:50`. */
  attack: string;
  accuracy: number;
  trust: Trust;
}

/** Accuracies are fractions; null where nothing was measured. */
export interface LeaderboardCell extends Record<SuiteMetric, number | null> {
  images: number | null;
  checkpointId: number | null;
  /** The worst of its numbers', and why. */
  trust: Trust;
  findings: string[];
  /** Accuracies under other attacks; they are no part of the rank. */
  attacks: AttackCell[];
  /** The evaluation behind each number that comes from one alone. */
  evaluationIds: Partial<Record<SuiteMetric, number>>;
}

export interface LeaderboardRow {
  rank: number;
  architecture: string;
  /** With its options, in words. */
  network: string;
  variant: string;
  published: boolean;
  source: string | null;
  /** Where it was published. */
  link: string | null;
  runId: number | null;
  base: LeaderboardCell;
  rift: LeaderboardCell | null;
  protocol: string;
}

/** A row before it is compared with those of its protocol. */
export type Unranked = Omit<LeaderboardRow, 'rank'>;
