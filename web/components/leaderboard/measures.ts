/** What rows of the leaderboard are made of. */
import type { LeaderboardRow } from '../../queries/lab.ts';

export const measures = [
  { name: 'standard', label: 'Standard', short: 'Standard', delta: 'deltaStandard', paired: 'pairedStandard' },
  { name: 'ood', label: 'Out of distribution', short: 'OOD', delta: 'deltaOod', paired: 'pairedOod' },
  { name: 'robust', label: 'Robust', short: 'Robust', delta: 'deltaRobust', paired: 'pairedRobust' },
] as const;

export const keyOf = ({ rank, network, variant, run, source, protocol }: LeaderboardRow) =>
  [rank, network, variant, run?.id ?? source, protocol].join(' ');

/** Rows that are always shown. */
const best = 10;

/** The best rows, this lab's own and their neighbours; published ones are too many to read between them. */
export const outlineOf = (rows: readonly LeaderboardRow[]): LeaderboardRow[] =>
  rows.filter((_, index) => index < best || rows.slice(index - 1, index + 2).some(({ published }) => !published));
