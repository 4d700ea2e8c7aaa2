/** Accuracies and their intervals. */
import { wilsonInterval } from '../../engine/index.ts';
import type { EvaluationRecord } from './records.ts';

type Counts = Pick<EvaluationRecord, 'correct' | 'images'>;

export const accuracyOf = ({ correct, images }: Counts) => (images > 0 ? correct / images : 0);

/** The 95% Wilson interval; everything is possible when nothing was measured. */
export const intervalOf = ({ correct, images }: Counts) => (images > 0 ? wilsonInterval(correct, images) : { low: 0, high: 1 });
