/** Accuracies, their intervals, and what two networks differ in. */
import { type PairedDifference, pairedDifference, wilsonInterval } from '../../engine/index.ts';
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

/** The newest evaluations that two checkpoints have in common. Throws NotFoundError for an unknown checkpoint. */
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
  for (const one of ofFirst) {
    const other = ofSecond.find(({ fingerprint }) => fingerprint === one.fingerprint);
    if (other) return comparison(one, other);
  }
  return null;
}
