/** A training on a lab's own images through a real worker. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { formatSafetensors } from '../../../engine/weights/safetensors.ts';
import { type Boss, closeBoss, openBoss } from '../../../server/queue/boss.ts';
import { createQueue } from '../../../server/queue/run-queue.ts';
import { type Supervisor, startSupervisor } from '../../../server/queue/supervisor.ts';
import { type FreshDatabase, freshDatabase } from '../../helpers/database.ts';
import { queueRun, smallTraining, waitForRun } from '../../helpers/runs.ts';
import { startWorker, type TestWorker } from '../../helpers/worker.ts';

let fresh: FreshDatabase;
let data: string;
let boss: Boss;
let supervisor: Supervisor;
let worker: TestWorker;

const onError = (error: unknown) => {
  throw error;
};

async function writeImages(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [part, count] of [
    ['train', 200],
    ['test', 20],
  ] as const) {
    const bytes = Uint8Array.from({ length: count * 28 * 28 }, (_, index) => (index * 7919) % 256);
    const labels = new Uint8Array(Int32Array.from({ length: count }, (_, index) => index % 3).buffer);
    const tensors = {
      images: { dtype: 'U8' as const, shape: [count, 28, 28], bytes },
      labels: { dtype: 'I32' as const, shape: [count], bytes: labels },
    };
    await writeFile(join(folder, `${part}.safetensors`), formatSafetensors({ tensors, metadata: {} }));
  }
}

beforeAll(async () => {
  fresh = await freshDatabase();
  data = await mkdtemp(join(tmpdir(), 'riftlab-test-own-data-'));
  await writeImages(join(data, 'datasets', 'My-Digits'));
  boss = await openBoss(fresh.database, { supervise: true, onError });
  supervisor = await startSupervisor(boss, fresh.database, onError);
  worker = startWorker(fresh.url, data, 'test', { environment: { RIFTLAB_DATASETS: join(data, 'datasets') } });
});

afterAll(async () => {
  await worker.end('SIGTERM');
  await supervisor.stop();
  await closeBoss(boss);
  await fresh.drop();
  await rm(data, { recursive: true, force: true });
});

it('gives a checkpoint for these images, with what its network normalises them with', async () => {
  const training = { ...smallTraining, dataset: 'mydigits' };
  const run = await queueRun(fresh.database, createQueue(boss), {
    kind: 'TRAINING',
    stages: ['TRAINING'],
    config: { training, dataset: 'mydigits' },
  });
  await waitForRun(fresh.database, run, ['FINISHED']);
  const checkpoint = await fresh.database.prisma.checkpoint.findFirstOrThrow({ where: { producedById: run } });
  expect(checkpoint).toMatchObject({ dataset: 'mydigits', normalisation: { mean: [0], deviation: [1] } });
});
