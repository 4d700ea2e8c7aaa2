/** The device loop where things happen again and again: tasks that are held for long, engines that are killed three times, a worker that is told to stop. */
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { runDevice } from '../../../server/queue/device-loop.ts';
import { openArtifacts } from '../../../server/store/artifacts.ts';
import { registerDevice } from '../../../server/store/devices.ts';
import { openTestQueue, type TestQueue } from '../../helpers/queue.ts';
import { hasEpochKept, longTraining, queueRun, smallTraining, waitForRun, waitUntil } from '../../helpers/runs.ts';
import type { TestWorker } from '../../helpers/worker.ts';

let lab: TestQueue;

beforeAll(async () => {
  lab = await openTestQueue();
});

afterEach(() => expect(lab.errors).toEqual([]));

afterAll(() => lab.close());

/** Whether a worker of this name has the run. */
const isOn = async (id: number, name: string) => {
  const { device } = await lab.database.prisma.run.findUniqueOrThrow({ where: { id }, include: { device: true } });
  return device?.worker.endsWith(`/${name}`) ?? false;
};

describe('a stage that takes longer than a task may be held', () => {
  it('is given back in time and goes on as a new task, as often as that happens', async () => {
    const { prisma } = lab.database;
    const config = { training: { ...smallTraining, epochs: 12 }, evaluation: { images: 32 } };
    const id = await queueRun(lab.database, lab.queue, { kind: 'TRAINING', stages: ['TRAINING'], config });
    const device = await registerDevice(prisma, { worker: 'here/patient', name: 'patient', backend: 'onnx', kind: 'CPU', threads: 1 });
    const stopping = new AbortController();
    let life = new AbortController();
    const attempts: number[] = [];
    const tools = {
      database: lab.database,
      artifacts: await openArtifacts(join(lab.data, 'artifacts')),
      scratchFolder: join(lab.data, 'scratch', 'patient'),
      datasetsFolder: lab.data,
      backend: { name: 'onnx', kind: 'cpu', threads: 1 } as const,
    };
    const going = runDevice({
      ...{ boss: lab.boss, tools, device, stopping: stopping.signal, isWell: async () => true, onError: (error) => lab.errors.push(error) },
      claimLife() {
        life = new AbortController();
        attempts.push(attempts.length);
        return life.signal;
      },
    });
    const kept = async () => (await prisma.stage.findFirstOrThrow({ where: { runId: id } })).resumeSha256;
    for (let before: string | null = null; attempts.length < 3; ) {
      const [count, last] = [attempts.length, before];
      await waitUntil(async () => (await kept()) !== last);
      before = await kept();
      life.abort(new Error('held for long enough'));
      await waitUntil(async () => attempts.length > count);
      const retries = await lab.database.pool.query(`SELECT "retry_count" FROM "pgboss"."job" WHERE "singleton_key" = $1`, [String(id)]);
      expect(retries.rows.every(({ retry_count }) => retry_count === 0)).toBe(true);
    }
    await waitForRun(lab.database, id, ['FINISHED']);
    stopping.abort();
    await going;
    await prisma.device.update({ where: { id: device }, data: { state: 'offline' } });
    expect(await prisma.runCheckpoint.count({ where: { runId: id, label: 'trained' } })).toBe(1);
  }, 300_000);
});

describe('a worker', () => {
  let worker: TestWorker;
  beforeAll(() => {
    worker = lab.startWorker('second');
  });

  it('whose engine is killed three times fails the run, and the run continues when resumed', async () => {
    const id = await queueRun(lab.database, lab.queue, longTraining);
    for (let loss = 1; loss <= 3; loss++) {
      await waitForRun(lab.database, id, ['RUNNING']);
      await waitUntil(async () => worker.engines().length > 0);
      const killed = worker.engines();
      for (const engine of killed) process.kill(engine, 'SIGKILL');
      await waitForRun(lab.database, id, [loss === 3 ? 'FAILED' : 'QUEUED']);
    }
    const run = await waitForRun(lab.database, id, ['FAILED']);
    expect(run.errorMessage).toMatch(/was killed \(SIGKILL\)/);
    expect(run.errorHint).toMatch(/Resuming goes on from what was kept/);
    await lab.database.prisma.$transaction((transaction) => lab.queue.resumeRun(transaction, id));
    await waitForRun(lab.database, id, ['RUNNING']);
    await lab.database.prisma.$transaction((transaction) => lab.queue.cancelRun(transaction, id));
  });

  it('gives its stage back when it is asked to stop', async () => {
    const id = await queueRun(lab.database, lab.queue, longTraining);
    await waitUntil(() => hasEpochKept(lab.database, id));
    await worker.end('SIGTERM');
    const device = await lab.database.prisma.device.findFirstOrThrow({ where: { worker: { endsWith: '/second' } } });
    expect([device.state, device.runId]).toEqual(['offline', null]);
    const { rows } = await lab.database.pool.query('SELECT state FROM pgboss.job WHERE data->>$1 = $2', ['run', String(id)]);
    expect(rows.map(({ state }) => state)).not.toContain('active');
    worker = lab.startWorker('third');
    await waitUntil(() => isOn(id, 'third'));
    await lab.database.prisma.$transaction((transaction) => lab.queue.cancelRun(transaction, id));
  });
});
