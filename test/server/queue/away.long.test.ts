/** A database that is away while a run computes, and a resume state that is damaged: the run goes on, to the same numbers. */
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Boss, closeBoss, openBoss } from '../../../server/queue/boss.ts';
import type { Queue } from '../../../server/queue/queue.ts';
import { createQueue } from '../../../server/queue/run-queue.ts';
import { type Supervisor, startSupervisor } from '../../../server/queue/supervisor.ts';
import { openArtifacts } from '../../../server/store/artifacts.ts';
import { type Database, openDatabase } from '../../../server/store/database.ts';
import { migrate } from '../../../server/store/migrations.ts';
import { type Cluster, ensureCluster } from '../../../server/store/postgres/cluster.ts';
import { launch } from '../../../server/store/postgres/launch.ts';
import { type Postgres, startPostgres } from '../../../server/store/postgres/postgres.ts';
import { queueRun, smallTraining, waitForRun, waitUntil } from '../../helpers/runs.ts';
import { startWorker, type TestWorker } from '../../helpers/worker.ts';

let folder: string;
let postgres: Postgres;
let cluster: Cluster;
let database: Database;
let boss: Boss;
let queue: Queue;
let supervisor: Supervisor;
let worker: TestWorker;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'riftlab-test-away-'));
  postgres = await startPostgres(join(folder, 'postgres'));
  cluster = await ensureCluster(join(folder, 'postgres'));
  await migrate(postgres.url);
  database = openDatabase(postgres.url);
  boss = await openBoss(database, { supervise: true, onError: () => {} });
  supervisor = await startSupervisor(boss, database, () => {});
  queue = createQueue(boss);
  worker = startWorker(postgres.url, folder);
});
afterAll(async () => {
  await worker.end('SIGTERM');
  await supervisor.stop();
  await closeBoss(boss);
  await database.close();
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
});

const training = {
  kind: 'TRAINING' as const,
  stages: ['TRAINING' as const],
  config: { training: { ...smallTraining, epochs: 10 }, evaluation: { images: 32 } },
};
const resumeStateOf = async (runId: number) => (await database.prisma.stage.findFirstOrThrow({ where: { runId } })).resumeSha256;
const linesOf = async (runId: number) =>
  (await database.prisma.logLine.findMany({ where: { runId }, orderBy: { seq: 'asc' } })).map(({ text }) => text).join('\n');
/** What the run trained, by its hash. */
async function weightsOf(runId: number): Promise<string> {
  const checkpoint = await database.prisma.checkpoint.findFirstOrThrow({ where: { runs: { some: { runId, role: 'OUTPUT' } } } });
  return checkpoint.artifactSha256;
}

/** Longer than a worker is waited for, so that its claim ends meanwhile. */
const awayMilliseconds = 15_000;

describe('a run', () => {
  let undisturbed: string;

  beforeAll(async () => {
    const id = await queueRun(database, queue, training);
    await waitForRun(database, id, ['FINISHED']);
    undisturbed = await weightsOf(id);
  });

  it('whose database is away goes on when it is back', async () => {
    const id = await queueRun(database, queue, training);
    await waitUntil(async () => (await resumeStateOf(id)) !== null);
    const before = worker.output().length;
    await postgres.stop();
    await sleep(awayMilliseconds);
    const said = worker.output().slice(before).trim().split('\n');
    expect(said.join('\n')).toContain('The database does not answer. It is waited for');
    for (const line of said) expect(line).toMatch(/^riftlab worker /);
    expect(new Set(said).size).toBe(said.length);
    await launch(cluster, Number(new URL(postgres.url).port), {});
    const run = await waitForRun(database, id, ['FINISHED']);
    expect(run.errorMessage).toBeNull();
    expect(await weightsOf(id)).toBe(undisturbed);
  });

  it.each([
    ['damaged', (path: string) => appendFile(path, 'x')],
    ['gone', (path: string) => rm(path)],
  ])('whose resume state is %s starts its stage anew, and says so', async (_what, spoil) => {
    const artifacts = await openArtifacts(join(folder, 'artifacts'));
    const id = await queueRun(database, queue, training);
    await waitUntil(async () => (await resumeStateOf(id)) !== null);
    await worker.end('SIGTERM');
    await spoil(await artifacts.locate((await resumeStateOf(id)) ?? ''));
    worker = startWorker(postgres.url, folder);
    await waitForRun(database, id, ['FINISHED']);
    expect(await linesOf(id)).toMatch(/What was kept of the stage TRAINING can't be used\. .*The stage begins anew\./);
    expect(await weightsOf(id)).toBe(undisturbed);
  });
});
