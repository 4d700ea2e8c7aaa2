/** Workers end with their server, whenever and however that ends. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeBoss, openBoss } from '../../../server/queue/boss.ts';
import { createQueue } from '../../../server/queue/run-queue.ts';
import { anyDeviceQueue, ensureQueue } from '../../../server/queue/stage-queues.ts';
import { type FreshDatabase, freshDatabase } from '../../helpers/database.ts';
import { queueRun, smallTraining, waitUntil } from '../../helpers/runs.ts';
import { childrenOf, collect, commandOf, isAlive } from '../../helpers/worker.ts';

let fresh: FreshDatabase;
let data: string;

beforeAll(async () => {
  fresh = await freshDatabase();
  data = await mkdtemp(join(tmpdir(), 'riftlab-test-workers-'));
  const boss = await openBoss(fresh.database, { supervise: false, onError: () => {} });
  await ensureQueue(boss, anyDeviceQueue);
  await closeBoss(boss);
});
afterAll(async () => {
  await fresh.drop();
  await rm(data, { recursive: true, force: true });
});

/** A process that has started a worker; and what belongs to it. */
async function startParent() {
  const parent = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, '../../helpers/worker-parent.ts'), fresh.url, data]);
  const said = collect(parent);
  const isWorker = (pid: number) => /server\/worker/.test(commandOf(pid));
  const workers = () => childrenOf(parent.pid ?? 0).filter(isWorker);
  await waitUntil(async () => said().includes('started') && workers().length === 1);
  return {
    workers,
    async kill() {
      const [worker = 0] = workers();
      const all = [worker, ...childrenOf(worker)];
      parent.kill('SIGKILL');
      await new Promise((resolve) => parent.on('exit', resolve));
      return all;
    },
  };
}

describe('a worker', () => {
  it.each([0, 30, 100, 200, 300, 500, 800, 1200, 2500])(
    'whose server is killed %i ms after it began does not stay',
    async (milliseconds) => {
      const parent = await startParent();
      await sleep(milliseconds);
      const left = await parent.kill();
      await waitUntil(async () => !left.some(isAlive));
    },
  );

  it('takes its engine along while that computes', async () => {
    const boss = await openBoss(fresh.database, { supervise: false, onError: () => {} });
    const config = { training: { ...smallTraining, trainImages: 1024, epochs: 50 } };
    const id = await queueRun(fresh.database, createQueue(boss), { kind: 'TRAINING', config, stages: ['TRAINING'] });
    const parent = await startParent();
    const progress = async () => (await fresh.database.prisma.stage.findFirstOrThrow({ where: { runId: id } })).progressDone;
    await waitUntil(async () => (await progress()) > 0);
    const left = await parent.kill();
    expect(left.length).toBeGreaterThan(1);
    await waitUntil(async () => !left.some(isAlive));
    // It had time to give the stage back: the next server need not wait until it is missed.
    expect(await fresh.database.prisma.run.findUnique({ where: { id } })).toMatchObject({ state: 'QUEUED' });
    await closeBoss(boss);
  });
});
