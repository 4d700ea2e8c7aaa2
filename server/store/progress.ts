/** How far a stage is, as the workers that compute it say. */
import type { Transaction } from './database.ts';
import { notify } from './notifications.ts';
import { keyOf, type StagePart } from './slices.ts';

export interface StageProgress {
  done: number;
  total: number;
  unit: string;
  /** Units a second; null while it isn't known. */
  rate: number | null;
}

/** The progress of a stage; of a slice too, then the stage's is the sum over its slices. */
export async function writeProgress(
  transaction: Transaction,
  { run, stage, slice }: StagePart,
  { done, total, unit, rate }: StageProgress,
): Promise<void> {
  const progress = { progressDone: Math.round(done), progressTotal: Math.round(total), progressRate: rate };
  const where = { runId_name: { runId: run, name: stage } };
  if (slice) {
    await transaction.slice.update({ where: keyOf(run, stage, slice), data: progress });
    const sums = { progressDone: true, progressTotal: true, progressRate: true } as const;
    const { _sum } = await transaction.slice.aggregate({ where: { runId: run, stage }, _sum: sums });
    await transaction.stage.update({
      where,
      data: {
        progressUnit: unit,
        progressRate: _sum.progressRate,
        progressDone: _sum.progressDone ?? 0,
        progressTotal: _sum.progressTotal ?? 0,
      },
    });
  } else {
    await transaction.stage.update({ where, data: { progressUnit: unit, ...progress } });
  }
  await notify(transaction, { type: 'runChanged', run });
}
