/** A database with its queue and supervisor, a data folder, and real workers on them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Boss, closeBoss, openBoss } from '../../server/queue/boss.ts';
import type { Queue } from '../../server/queue/queue.ts';
import { createQueue } from '../../server/queue/run-queue.ts';
import { startSupervisor } from '../../server/queue/supervisor.ts';
import type { Database } from '../../server/store/database.ts';
import { freshDatabase } from './database.ts';
import { startWorker, type TestWorker, type TestWorkerOptions } from './worker.ts';

export interface TestQueue {
  database: Database;
  /** The data folder. */
  data: string;
  boss: Boss;
  queue: Queue;
  /** What the queue and the supervisor complained about. */
  errors: unknown[];
  startWorker(name?: string, options?: TestWorkerOptions): TestWorker;
  endWorkers(): Promise<void>;
  close(): Promise<void>;
}

export async function openTestQueue(): Promise<TestQueue> {
  const { database, url, drop } = await freshDatabase();
  const data = await mkdtemp(join(tmpdir(), 'riftlab-test-queue-'));
  const errors: unknown[] = [];
  const boss = await openBoss(database, { supervise: true, onError: (error) => errors.push(error) });
  const supervisor = await startSupervisor(boss, database, (error) => errors.push(error));
  const workers: TestWorker[] = [];
  const endWorkers = async () => void (await Promise.all(workers.splice(0).map((worker) => worker.end('SIGTERM'))));
  return {
    ...{ database, data, boss, queue: createQueue(boss), errors },
    startWorker(name, options) {
      const worker = startWorker(url, data, name, options);
      workers.push(worker);
      return worker;
    },
    endWorkers,
    async close() {
      await endWorkers();
      await supervisor.stop();
      await closeBoss(boss);
      await drop();
      await rm(data, { recursive: true, force: true });
    },
  };
}
