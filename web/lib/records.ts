/** A run's records as they arrive: read once, then one by one; the same record sent twice changes nothing. */
import type { Evaluation, LogLine, Score, Sweep, SweepPoint, Update } from '../queries/run.ts';
import type { LivePoint, SpecialSpan } from './series.ts';

export interface Records {
  scores: Score[];
  sweep: Sweep | null;
  points: SweepPoint[];
  evaluations: Evaluation[];
  lines: LogLine[];
  /** Metric points that came live, by key, in order of arrival. */
  metrics: Record<string, { points: LivePoint[]; specials: SpecialSpan[] }>;
}

export const noRecords: Records = { scores: [], sweep: null, points: [], evaluations: [], lines: [], metrics: {} };

export interface ReadRecords {
  mrcScores: Score[];
  sweep: Sweep | null;
  evaluations: Evaluation[];
}

export type RecordsAction = { type: 'read'; read: ReadRecords } | { type: 'lines'; lines: LogLine[] } | { type: 'update'; update: Update };

export function reduceRecords(records: Records, action: RecordsAction): Records {
  if (action.type === 'lines') return { ...records, lines: addLines(records.lines, action.lines) };
  if (action.type === 'update') return withUpdate(records, action.update);
  const { mrcScores, sweep, evaluations } = action.read;
  return {
    ...records,
    scores: ranked(mrcScores.reduce((all, score) => put(all, score, 'module'), records.scores)),
    sweep,
    points: inOrder((sweep?.points ?? []).reduce((all, point) => put(all, point, 'alpha'), records.points)),
    evaluations: evaluations.reduce((all, evaluation) => put(all, evaluation, 'id'), records.evaluations),
  };
}

function withUpdate(records: Records, update: Update): Records {
  switch (update.__typename) {
    case 'MrcScored':
      return { ...records, scores: ranked(put(records.scores, update.score, 'module')) };
    case 'SweepPointScored':
      return { ...records, points: inOrder(put(records.points, update.point, 'alpha')) };
    case 'Evaluated':
      return { ...records, evaluations: put(records.evaluations, update.evaluation, 'id') };
    case 'LinesLogged':
      return { ...records, lines: addLines(records.lines, update.lines) };
    case 'MetricsLogged': {
      const metrics = { ...records.metrics };
      const of = (key: string) => metrics[key] ?? { points: [], specials: [] };
      for (const { key, step, value } of update.points) metrics[key] = { ...of(key), points: [...of(key).points, { step, value }] };
      for (const { key, ...span } of update.specials) metrics[key] = { ...of(key), specials: [...of(key).specials, span] };
      return { ...records, metrics };
    }
    default:
      return records;
  }
}

/** The list with the item in place of the one with the same key, or at the end. */
function put<Item, Key extends keyof Item>(items: readonly Item[], item: Item, key: Key): Item[] {
  const position = items.findIndex((other) => other[key] === item[key]);
  return position < 0 ? [...items, item] : items.with(position, item);
}

/** Ranks follow the scores that are there: 1 is the lowest. The order of the list stays. */
function ranked(scores: readonly Score[]): Score[] {
  const order = [...scores].sort((a, b) => a.score - b.score);
  return scores.map((score) => ({ ...score, rank: order.indexOf(score) + 1 }));
}

const inOrder = (points: readonly SweepPoint[]) => [...points].sort((a, b) => a.alpha - b.alpha);

/** Lines in order of seq, each once. */
export function addLines(lines: readonly LogLine[], added: readonly LogLine[]): LogLine[] {
  const last = lines.at(-1)?.seq ?? Number.NEGATIVE_INFINITY;
  if (added.every(({ seq }, index) => seq > (index === 0 ? last : (added[index - 1]?.seq ?? last)))) return [...lines, ...added];
  const bySeq = new Map([...lines, ...added].map((line) => [line.seq, line]));
  return [...bySeq.values()].sort((a, b) => a.seq - b.seq);
}
