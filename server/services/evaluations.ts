/** Accuracies, their intervals, and what two networks differ in. */
import { createHash } from 'node:crypto';
import { type PairedDifference, pairedDifference, pairedDifferenceOver, wilsonInterval } from '../../engine/index.ts';
import { unpackOutcomes } from '../store/outcomes.ts';
import { needCheckpoint } from './checkpoints.ts';
import type { EvaluationRecord } from './records.ts';
import type { Session } from './session.ts';

type Counts = Pick<EvaluationRecord, 'correct' | 'images'>;

export const accuracyOf = ({ correct, images }: Counts) => (images > 0 ? correct / images : 0);

/** The 95% Wilson interval; everything is possible when nothing was measured. */
export const intervalOf = ({ correct, images }: Counts) => (images > 0 ? wilsonInterval(correct, images) : { low: 0, high: 1 });

/** One entry an image; null where it was not recorded. */
export const outcomesOf = ({ outcomes, images }: EvaluationRecord): Uint8Array | null => outcomes && unpackOutcomes(outcomes, images);

export type Comparison = PairedDifference & { fingerprint: string };

/** Two evaluations image by image; null unless both have outcomes under one fingerprint. */
export function comparison(first: EvaluationRecord, second: EvaluationRecord): Comparison | null {
  const [one, other] = [outcomesOf(first), outcomesOf(second)];
  if (!one || !other || first.fingerprint !== second.fingerprint || one.length === 0) return null;
  return { ...pairedDifference(one, other), fingerprint: first.fingerprint };
}

/** Evaluations of the same images: those under every corruption and severity are one suite. */
const isBeside = (one: EvaluationRecord, other: EvaluationRecord) =>
  one.dataset === other.dataset && one.split === other.split && one.images === other.images;

/**
 * The newest evaluations that two checkpoints have in common; out of distribution all of them on the same images, every corruption
 * and severity once. Throws NotFoundError for an unknown checkpoint.
 */
export async function compareCheckpoints(
  session: Session,
  first: number | null,
  second: number | null,
  suite: EvaluationRecord['suite'],
): Promise<Comparison | null> {
  const read = async (id: number | null, path: string) => {
    const checkpoint = await needCheckpoint(session, id, [path]);
    const all = await session.load.evaluationsOfCheckpoint.load(checkpoint.id);
    return all.filter((one) => one.suite === suite && one.outcomes).reverse();
  };
  const [ofFirst, ofSecond] = [await read(first, 'first'), await read(second, 'second')];
  const common = new Map<string, [EvaluationRecord, EvaluationRecord]>();
  for (const one of ofFirst) {
    const other = ofSecond.find(({ fingerprint }) => fingerprint === one.fingerprint);
    if (other && !common.has(one.fingerprint)) common.set(one.fingerprint, [one, other]);
  }
  const [newest, ...others] = common.values();
  if (!newest) return null;
  const beside = suite === 'OOD' ? others.filter(([one]) => isBeside(one, newest[0])) : [];
  return beside.length === 0 ? comparison(...newest) : comparisonOver([newest, ...beside]);
}

function comparisonOver(pairs: readonly [EvaluationRecord, EvaluationRecord][]): Comparison {
  const outcomes = (side: 0 | 1) => pairs.map((pair) => outcomesOf(pair[side]) as Uint8Array);
  const fingerprints = pairs.map(([{ fingerprint }]) => fingerprint).sort();
  const fingerprint = createHash('sha256').update(fingerprints.join(' ')).digest('hex');
  return { ...pairedDifferenceOver(outcomes(0), outcomes(1)), fingerprint };
}
