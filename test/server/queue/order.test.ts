/** In which order a device gets the stages of several runs. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Boss, closeBoss, openBoss } from '../../../server/queue/boss.ts';
import { completeStage } from '../../../server/queue/complete-stage.ts';
import { fetchStage } from '../../../server/queue/fetch-stage.ts';
import type { Queue } from '../../../server/queue/queue.ts';
import { createQueue } from '../../../server/queue/run-queue.ts';
import { sendStage } from '../../../server/queue/send-stage.ts';
import { anyDeviceQueue } from '../../../server/queue/stage-queues.ts';
import type { Claim } from '../../../server/queue/stage-task.ts';
import { type FreshDatabase, freshDatabase } from '../../helpers/database.ts';
import { queueRun } from '../../helpers/runs.ts';

let fresh: FreshDatabase;
let boss: Boss;
let queue: Queue;
const errors: unknown[] = [];

beforeAll(async () => {
  fresh = await freshDatabase();
  boss = await openBoss(fresh.database, { supervise: false, onError: (error) => errors.push(error) });
  queue = createQueue(boss);
});

afterAll(async () => {
  await closeBoss(boss);
  await fresh.drop();
  expect(errors).toEqual([]);
});

it("serves a run's later stages before runs that came after it", async () => {
  const first = await queueRun(fresh.database, queue);
  const second = await queueRun(fresh.database, queue);
  const training = (await fetchStage(boss, [anyDeviceQueue])) as Claim;
  expect(training.task).toEqual({ run: first, stage: 'TRAINING' });
  await fresh.database.prisma.$transaction(async (transaction) => {
    await completeStage(boss, training, transaction);
    await sendStage(boss, transaction, { run: first, stage: 'CRITICALITY' }, null);
  });
  expect((await fetchStage(boss, [anyDeviceQueue]))?.task).toEqual({ run: first, stage: 'CRITICALITY' });
  expect((await fetchStage(boss, [anyDeviceQueue]))?.task).toEqual({ run: second, stage: 'TRAINING' });
  expect(await fetchStage(boss, [anyDeviceQueue])).toBeUndefined();
});
