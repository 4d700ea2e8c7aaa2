/** Runs in the states that a run which finished has not. */
import { corruptionNames } from '../../engine/corruptions/constants.ts';
import type { Database } from '../../server/store/database.ts';
import { recordEvaluation, recordMetrics } from '../../server/store/recording.ts';
import { addRun, fingerprintOf } from '../server/api/records.ts';

/**
 * Ids of a failed, a cancelled and a waiting run, of one that measured the checkpoint 1 on every corruption and has a suspect robust
 * accuracy of 42 %, and of a deleted one.
 */
export async function addOtherRuns(database: Database, project: string): Promise<string[]> {
  const others: string[] = [];
  const at = new Date();
  const about = { architecture: 'SMALL_CNN', dataset: 'mnist', variant: 'PGD_AT' };
  const add = async (name: string, state: Partial<Parameters<typeof addRun>[1]['data']>) =>
    others.push(`Run-${await addRun(database, { name, project, params: about, data: { kind: 'TRAINING', ...state } })}`);
  await add('failed', {
    state: 'FAILED',
    startedAt: at,
    finishedAt: at,
    errorMessage: 'The loss is NaN.',
    errorHint: 'Lower the learning rate.',
  });
  await add('cancelled', { state: 'CANCELLED', startedAt: at, finishedAt: at });
  await add('waiting', { state: 'QUEUED', wantedDeviceId: null });
  await add('corrupted', { kind: 'EVALUATION', state: 'FINISHED', startedAt: at, finishedAt: at });
  const measured = Number(others.at(-1)?.slice('Run-'.length));
  const counted = { suite: 'OOD' as const, dataset: 'mnist', split: 'test' as const, trust: 'UNCHECKED' as const, findings: [] };
  for (const corruption of corruptionNames.slice(0, 15))
    for (const severity of [1, 2, 3, 4, 5]) {
      const protocol = `ood: ${corruption} severity ${severity}; mnist test[0:200], corruption computed here`;
      const how = { ...counted, corruption, severity, protocol, fingerprint: fingerprintOf(protocol) };
      await recordEvaluation(database.prisma, measured, 1, { ...how, images: 200, correct: 200 - 7 * severity });
    }
  await recordMetrics(database.prisma, measured, [{ key: 'suspect.robust', step: 0, value: 0.42 }]);
  await add('deleted', { state: 'FINISHED', startedAt: at, finishedAt: at, deletedAt: at });
  return others;
}
