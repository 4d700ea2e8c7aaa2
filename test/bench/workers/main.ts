/** `npm run bench -- workers`: the stages that several devices share, by one worker of all threads and by two of half of them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StageName } from '../../../engine/config.ts';
import { closeBoss, openBoss } from '../../../server/queue/boss.ts';
import { createQueue } from '../../../server/queue/run-queue.ts';
import { startSupervisor } from '../../../server/queue/supervisor.ts';
import { openDatabase } from '../../../server/store/database.ts';
import { migrate } from '../../../server/store/migrations.ts';
import { startPostgres } from '../../../server/store/postgres/postgres.ts';
import { queueRun, type SmallRun, waitForRun, waitUntil } from '../../helpers/runs.ts';
import { startWorker } from '../../helpers/worker.ts';

const limitSeconds = 1800;
const images = 1000;
const training = { architecture: 'RESNET8', variant: 'PGD_AT', dataset: 'cifar10', trainImages: 5000, epochs: 1, milestones: [] };
const shared: StageName[] = ['CRITICALITY', 'INTERPOLATION', 'EVALUATION'];

/** Seconds of each shared stage, by the number of workers. */
export interface SharedRow {
  stage: StageName | 'all three';
  one: number;
  two: number;
}

export async function compareWorkers({ threads, datasets }: { threads: number; datasets: string }): Promise<SharedRow[]> {
  const folder = await mkdtemp(join(tmpdir(), 'riftlab-bench-'));
  const postgres = await startPostgres(join(folder, 'postgres'));
  await migrate(postgres.url);
  const database = openDatabase(postgres.url);
  const boss = await openBoss(database, { supervise: true, onError: () => {} });
  const supervisor = await startSupervisor(boss, database, () => {});
  const queue = createQueue(boss);

  /** Runs it by so many workers; returns its id and the seconds of its stages. */
  async function by(count: number, run: SmallRun) {
    const environment = { RIFTLAB_DATASETS: datasets, RIFTLAB_THREADS: String(Math.max(1, Math.floor(threads / count))) };
    const workers = Array.from({ length: count }, (_, index) => startWorker(postgres.url, folder, `${count}-${index}`, { environment }));
    try {
      await waitUntil(async () => (await database.prisma.device.count({ where: { state: 'idle' } })) === count, limitSeconds);
      const id = await queueRun(database, queue, run);
      const { stages } = await waitForRun(database, id, ['FINISHED'], limitSeconds);
      const seconds = stages.map(({ startedAt, finishedAt }) => (Number(finishedAt) - Number(startedAt)) / 1000);
      return { id, seconds };
    } finally {
      await Promise.all(workers.map((worker) => worker.end('SIGTERM')));
      await database.prisma.device.updateMany({ data: { state: 'offline' } });
    }
  }

  try {
    const settings = { dataset: 'cifar10', criticality: { images }, fineTune: { epochs: 1 }, interpolation: {}, evaluation: { images } };
    const begun = await by(1, {
      config: { ...settings, model: { training }, fineTune: { select: 'LAST', epochs: 1 } },
      stages: ['TRAINING', 'FINE_TUNE'],
    });
    const outputs = await database.prisma.runCheckpoint.findMany({ where: { runId: begun.id } });
    const idOf = (label: string) => outputs.find((output) => output.label === label)?.checkpointId as number;
    const run = { config: settings, stages: shared, inputs: { base: idOf('trained'), tuned: idOf('fine-tuned') } };
    const [{ seconds: one }, { seconds: two }] = [await by(1, run), await by(2, run)];
    const rows = shared.map((stage, index): SharedRow => ({ stage, one: one[index] as number, two: two[index] as number }));
    const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
    return [...rows, { stage: 'all three', one: sum(one), two: sum(two) }];
  } finally {
    await supervisor.stop();
    await closeBoss(boss);
    await database.close();
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

export function formatWorkers(rows: readonly SharedRow[], threads: number): string {
  const lines = rows.map(({ stage, one, two }) =>
    [stage.padEnd(16), one.toFixed(1).padStart(12), two.toFixed(1).padStart(12), `${(one / two).toFixed(2)}x`.padStart(9)].join(''),
  );
  const title = `Shared stages of RESNET8 on ${images} images, by one worker of ${threads} threads and two of half of them (seconds)`;
  return ['', title, `${''.padEnd(16)}${'one'.padStart(12)}${'two'.padStart(12)}${'faster'.padStart(9)}`, ...lines].join('\n');
}
