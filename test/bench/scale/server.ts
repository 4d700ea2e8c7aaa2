/** What the records of a run cost: through the queue's claim, the recorder and a Postgres as the product starts it. */
import { createReadStream, readFileSync } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measureConfig } from '../../../engine/config.ts';
import { findDataset } from '../../../engine/data/catalogue.ts';
import { writeWeights } from '../../../engine/index.ts';
import { buildNetwork } from '../../../engine/models/architectures.ts';
import { modulesOf } from '../../../engine/models/modules.ts';
import { initialWeights } from '../../../engine/weights/initial.ts';
import { type Boss, closeBoss, openBoss } from '../../../server/queue/boss.ts';
import { fetchStage } from '../../../server/queue/fetch-stage.ts';
import { holdStage } from '../../../server/queue/hold-stage.ts';
import { createQueue } from '../../../server/queue/run-queue.ts';
import { anyDeviceQueue, ensureQueue } from '../../../server/queue/stage-queues.ts';
import type { Claim } from '../../../server/queue/stage-task.ts';
import { type Artifacts, openArtifacts } from '../../../server/store/artifacts.ts';
import { keepWeights } from '../../../server/store/checkpoints.ts';
import { type Database, openDatabase } from '../../../server/store/database.ts';
import { touchDevice } from '../../../server/store/devices.ts';
import { migrate } from '../../../server/store/migrations.ts';
import { ensureCluster } from '../../../server/store/postgres/cluster.ts';
import { startPostgres } from '../../../server/store/postgres/postgres.ts';
import { readPostmaster } from '../../../server/store/postgres/postmaster.ts';
import { writeProgress } from '../../../server/store/progress.ts';
import { openSweep, recordMetrics } from '../../../server/store/recording.ts';
import { beginStage, lockRun } from '../../../server/store/stages.ts';
import { runEngine } from '../../../server/tasks/engine-process.ts';
import type { RecordedEvent } from '../../../server/tasks/job.ts';
import { type InClaim, openRecording } from '../../../server/tasks/recording.ts';
import { queueRun } from '../../helpers/runs.ts';
import { childrenOf } from '../../helpers/worker.ts';
import { median } from '../engine/table.ts';

/** A worker as far as the database sees it. */
interface Claimed {
  database: Database;
  boss: Boss;
  claim: Claim;
  /** Its id. */
  device: number;
  inClaim: InClaim;
  record(event: RecordedEvent): Promise<void>;
  close(): Promise<void>;
}

/** Connections of a worker process, as server/worker.ts opens them. */
const connections = 6;
const architecture = buildNetwork('RESNET18', {}, findDataset('cifar10'));
const modules = modulesOf(architecture).map(({ name }) => name);

async function claimRun(url: string, artifacts: Artifacts): Promise<Claimed> {
  const database = openDatabase(url, connections);
  const boss = await openBoss(database, { supervise: false, onError: () => {} });
  await queueRun(database, createQueue(boss));
  const claim = await fetchStage(boss, [anyDeviceQueue]);
  if (!claim) throw new Error('The run that was queued is not in the queue.');
  const { run, stage } = claim.task;
  const inClaim: InClaim = (act) =>
    database.prisma.$transaction(async (transaction) => {
      await lockRun(transaction, run);
      await holdStage(boss, claim, transaction);
      return act(transaction);
    });
  const device = { worker: `bench ${run}`, name: 'bench', backend: 'onnx', kind: 'cpu', state: 'busy', lastSeenAt: new Date() };
  const { id } = await database.prisma.device.create({ data: device });
  await inClaim((transaction) => beginStage(transaction, { run, stage }, id));
  await inClaim((transaction) => openSweep(transaction, run, { baseId: null, tunedId: null, modules: [] }));
  const record = openRecording({ run, stage, modules, artifacts, inClaim, forget: async () => {} });
  return {
    database,
    boss,
    claim,
    device: id,
    inClaim,
    record,
    async close() {
      await closeBoss(boss);
      await database.close();
    },
  };
}

export interface Message {
  name: string;
  /** Until it is acknowledged. */
  milliseconds: number;
  /** What the database grows by. */
  bytes: number;
}

const repeated = 150;
const servedSeconds = 1.5;
/** Of /proc. */
const ticksOfSecond = 100;

async function bytesOf({ pool }: Database): Promise<number> {
  const { rows } = await pool.query<{ bytes: string }>(
    `SELECT sum(pg_total_relation_size(oid))::text AS bytes FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`,
  );
  return Number(rows[0]?.bytes);
}

/** Sends one after another, waiting for each as the engine does. */
async function timed(database: Database, name: string, send: (index: number) => Promise<unknown>, times = repeated): Promise<Message> {
  const before = await bytesOf(database);
  const laps: number[] = [];
  for (let index = 0; index < times; index++) {
    const began = performance.now();
    await send(index);
    laps.push(performance.now() - began);
  }
  return { name, milliseconds: median(laps), bytes: ((await bytesOf(database)) - before) / times };
}

async function messagesOf({ database, boss, claim, inClaim, record }: Claimed): Promise<Message[]> {
  const { run, stage } = claim.task;
  const losses = Array.from({ length: 10 }, (_, index) => 1 + index / 10);
  const points = (step: number, count: number) =>
    Array.from({ length: count }, (_, index) => ({
      key: ['train.loss', 'train.accuracy', 'learningRate'][index % 3] as string,
      step: step + Math.floor(index / 3),
      value: index,
    }));
  const score = (index: number) => ({
    module: `module ${index}`,
    complete: true,
    score: 0.1,
    robustLoss: 1,
    perturbedLoss: 1.1,
    epsilon: 0.1,
    norm: 'L2' as const,
    losses,
  });
  return [
    await timed(database, 'heartbeat', () => holdStage(boss, claim)),
    await timed(database, 'progress', (index) =>
      inClaim((transaction) => writeProgress(transaction, { run, stage }, { done: index, total: repeated, unit: 'images', rate: 1 })),
    ),
    await timed(database, '3 metric points', (index) => record({ type: 'metrics', points: points(index, 3) })),
    await timed(database, '3,000 metric points', (index) => record({ type: 'metrics', points: points(1000 + 1000 * index, 3000) }), 20),
    await timed(database, 'MRC score', (index) => record({ type: 'mrcScore', score: score(index) })),
    await timed(database, 'sweep point', (index) =>
      record({ type: 'sweepPoint', point: { alpha: index / repeated, standard: 0.8, robust: 0.5, images: 1000, split: 'holdout' } }),
    ),
    await timed(database, 'log line', (index) => record({ type: 'line', text: `Line ${index} of a log.`, level: 'info', at: new Date() })),
  ];
}

/**
 * How many devices the database serves when so many send without a pause. What a device that trains sends in a second: two
 * heartbeats, its progress, three metric points, and every third second a sign of life.
 */
async function devicesServed(workers: readonly Claimed[], seconds: number): Promise<number> {
  let served = 0;
  const began = performance.now();
  const end = began + 1000 * seconds;
  await Promise.all(
    workers.map(async ({ database, boss, claim, inClaim, record, device }) => {
      const { run, stage } = claim.task;
      const rest = { total: 1, unit: 'images', rate: 1 };
      for (let step = Math.floor(Math.random() * 1e12); performance.now() < end; step++) {
        await holdStage(boss, claim);
        await inClaim((transaction) => writeProgress(transaction, { run, stage }, { done: step % 2, ...rest }));
        await holdStage(boss, claim);
        await record({ type: 'metrics', points: ['train.loss', 'train.accuracy', 'learningRate'].map((key) => ({ key, step, value: 1 })) });
        if (step % 3 === 0) await touchDevice(database.prisma, device, 'busy');
        served += 1;
      }
    }),
  );
  return (1000 * served) / (performance.now() - began);
}

export interface ServerCosts {
  messages: Message[];
  /** Devices that can be served, by workers that send at once; all their processes are this machine's. */
  served: { workers: number; devices: number }[];
  /** Processor seconds of Postgres for one device and second. */
  postgresSeconds: number;
  /** From a stage that is taken to its engine's first step: the process, its modules, the backend. */
  stageStartSeconds: number;
  /** Workers with all their connections in use that the embedded Postgres takes beside a server with its ten; why no more. */
  mostWorkers: { workers: number; problem: string };
  /** Most new keys of one message of metrics that is kept; what happens with more. */
  mostKeys: { keys: number; problem: string };
  /** Bytes of weights on disk: a whole checkpoint, one of a fine-tuned module. */
  checkpoint: { parameters: number; whole: number; fineTuned: number; keepSeconds: number };
}

/** The last line of an error, without Prisma's words around Postgres' own. */
function reason(error: unknown): string {
  const last = (error instanceof Error ? error.message : String(error)).trim().split('\n').at(-1) as string;
  return /Message: `(.*)`/.exec(last)?.[1] ?? last;
}

/** Opens connections as workers do when all of theirs are in use, until Postgres refuses. */
async function fillConnections(url: string): Promise<ServerCosts['mostWorkers']> {
  const databases = [openDatabase(url, 10)];
  const held: { release(): void }[] = [];
  try {
    for (let workers = 0; ; workers++) {
      const database = databases.at(-1) as Database;
      const clients = await Promise.allSettled(Array.from({ length: workers === 0 ? 10 : connections }, () => database.pool.connect()));
      for (const client of clients) if (client.status === 'fulfilled') held.push(client.value);
      const refused = clients.find(({ status }) => status === 'rejected');
      if (refused?.status === 'rejected') return { workers: workers - 1, problem: reason(refused.reason) };
      databases.push(openDatabase(url, connections));
    }
  } finally {
    for (const client of held) client.release();
    await Promise.all(databases.map((database) => database.close()));
  }
}

/** Doubles and halves: the most keys that go through. */
async function findMostKeys({ inClaim, claim }: Claimed): Promise<ServerCosts['mostKeys']> {
  let problem = '';
  const isKept = (keys: number) =>
    inClaim((transaction) =>
      recordMetrics(
        transaction,
        claim.task.run,
        Array.from({ length: keys }, (_, index) => ({ key: `one of ${keys}: ${index}`, step: 0, value: 0 })),
      ),
    ).then(
      () => true,
      (error: unknown) => {
        problem = reason(error);
        return false;
      },
    );
  let [most, least] = [1000, 8000];
  if (!(await isKept(most)) || (await isKept(least))) throw new Error(`The limit of keys is not between ${most} and ${least}. ${problem}`);
  while (least - most > 100) {
    const middle = Math.floor((most + least) / 2);
    if (await isKept(middle)) most = middle;
    else least = middle;
  }
  return { keys: most, problem };
}

async function checkpointCosts(folder: string, artifacts: Artifacts): Promise<ServerCosts['checkpoint']> {
  const weights = initialWeights(architecture, 0);
  const [base, tuned] = [join(folder, 'base.safetensors'), join(folder, 'tuned.safetensors')];
  await writeFile(base, writeWeights(weights));
  const last = weights['linear.weight'] as (typeof weights)[string];
  await writeFile(tuned, writeWeights({ ...weights, 'linear.weight': { ...last, data: last.data.map((value) => value + 1) } }));
  const began = performance.now();
  const kept = await keepWeights(artifacts, base);
  const keepSeconds = (performance.now() - began) / 1000;
  const whole = {
    id: 1,
    sha256: kept.sha256,
    bytes: kept.bytes,
    read: (start = 0, end = kept.bytes) => createReadStream(base, { start, end: end - 1 }),
  };
  const changed = await keepWeights(artifacts, tuned, whole);
  return { parameters: kept.parameters, whole: (await stat(base)).size, fineTuned: changed.artifact?.bytes ?? 0, keepSeconds };
}

/** What the processes of a Postgres have used, those that it has ended not included. */
function processorSeconds(server: number): number {
  const ticks = childrenOf(server).map((pid) => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(fields[11]) + Number(fields[12]);
  });
  return ticks.reduce((sum, value) => sum + value, 0) / ticksOfSecond;
}

/** A stage without work, three times. */
async function stageStart(scratch: string): Promise<number> {
  const work = { name: 'EVALUATION' as const, parts: [], measure: measureConfig.parse({}), protocol: 'HOLD_OUT' as const };
  const laps: number[] = [];
  for (let index = 0; index < 3; index++) {
    const began = performance.now();
    const job = { scratch, datasetsFolder: scratch, dataset: 'mnist', backend: {}, halvings: 0, seed: 0, work };
    const result = await runEngine(job, { progress: () => {}, recorded: async () => {} }, new AbortController().signal);
    if (result.type !== 'finished') throw new Error(`A stage without work ${result.type}.`);
    laps.push((performance.now() - began) / 1000);
  }
  return median(laps);
}

export async function measureServer(): Promise<ServerCosts> {
  const folder = await mkdtemp(join(tmpdir(), 'riftlab-bench-'));
  const postgres = await startPostgres(join(folder, 'postgres'));
  const workers: Claimed[] = [];
  try {
    await migrate(postgres.url);
    const artifacts = await openArtifacts(join(folder, 'artifacts'));
    const database = openDatabase(postgres.url);
    const boss = await openBoss(database, { supervise: true, onError: () => {} });
    await ensureQueue(boss, anyDeviceQueue);
    const served: ServerCosts['served'] = [];
    workers.push(await claimRun(postgres.url, artifacts));
    const messages = await messagesOf(workers[0] as Claimed);
    const mostKeys = await findMostKeys(workers[0] as Claimed);
    const server = (await readPostmaster((await ensureCluster(join(folder, 'postgres'))).data))?.pid as number;
    let postgresSeconds = 0;
    for (const count of [1, 2, 4, 8, 16]) {
      while (workers.length < count) workers.push(await claimRun(postgres.url, artifacts));
      const before = processorSeconds(server);
      const devices = await devicesServed(workers, servedSeconds);
      postgresSeconds = (processorSeconds(server) - before) / (devices * servedSeconds);
      served.push({ workers: count, devices });
    }
    await Promise.all(workers.splice(0).map((worker) => worker.close()));
    await closeBoss(boss);
    await database.close();
    const mostWorkers = await fillConnections(postgres.url);
    const checkpoint = await checkpointCosts(folder, artifacts);
    return { messages, served, postgresSeconds, stageStartSeconds: await stageStart(folder), mostWorkers, mostKeys, checkpoint };
  } finally {
    await Promise.all(workers.map((worker) => worker.close()));
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
