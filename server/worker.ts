/** A worker: takes stages from the queue and computes them on one device. No HTTP. */
import { rm } from 'node:fs/promises';
import { availableParallelism, hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UsageError } from '../setup/options.mjs';
import { type Config, readConfig, StartError } from './config.ts';
import { closeBoss, openBoss } from './queue/boss.ts';
import { runDevice } from './queue/device-loop.ts';
import { createClosed } from './start/closed-folder.ts';
import { outliveReaders, say } from './start/report.ts';
import { openArtifacts } from './store/artifacts.ts';
import { openDatabase } from './store/database.ts';
import type { StageProblem } from './tasks/failure.ts';
import { LocalDevices } from './tasks/local-devices.ts';
import { openSpeeds } from './tasks/speeds.ts';

const config = readOptions();
if (!config.databaseUrl) {
  console.error('riftlab worker: set DATABASE_URL to the database of the server that this worker belongs to.');
  process.exit(1);
}

createClosed();
outliveReaders();
const number = process.env.RIFTLAB_WORKER ?? 'standalone';
const worker = `${hostname()}/${number}`;
const threads = Number(process.env.RIFTLAB_THREADS) || availableParallelism();
const onError = (error: unknown) => console.error(`riftlab worker ${worker}: ${error instanceof Error ? error.message : String(error)}`);

/** A mistake in the options is told in one line. */
function readOptions(): Config {
  try {
    return readConfig(process.argv.slice(2), process.env);
  } catch (error) {
    if (!(error instanceof StartError || error instanceof UsageError)) throw error;
    console.error(`riftlab worker: ${error.message}`);
    process.exit(1);
  }
}

const stopping = new AbortController();
const stop = () => stopping.abort(new Error('The worker is stopping.'));
process.on('SIGTERM', stop);
// Started by the server, the worker outlives a Ctrl-C in the terminal until the server ends it, and never outlives the server.
process.on('SIGINT', process.connected ? () => {} : stop);
process.on('disconnect', stop);

// Workers of several machines may share the data folder.
const scratchFolder = join(config.data, 'scratch', worker.replaceAll(/[^\w.-]/g, '-'));
await rm(scratchFolder, { recursive: true, force: true });
const database = openDatabase(config.databaseUrl, 6);
const boss = await openBoss(database, { supervise: false, onError });
const devices = new LocalDevices({
  prisma: database.prisma,
  worker,
  wanted: config.device,
  rank: Math.max(0, (Number(number) || 1) - 1),
  workers: config.workers,
  threads,
  speeds: openSpeeds(join(config.data, 'devices')),
  signal: stopping.signal,
  onError,
});
try {
  const artifacts = await openArtifacts(join(config.data, 'artifacts'));
  const [shortest, longest] = [5000, 300_000];
  for (let pause = shortest; !stopping.signal.aborted; pause = Math.min(2 * pause, longest)) {
    const taken = await devices.choose();
    if (!taken) {
      onError(new Error(`no device passes its self-test; trying again in ${pause / 1000} s`));
      await sleep(pause, undefined, { signal: stopping.signal }).catch(() => {});
      continue;
    }
    pause = shortest;
    say(`worker ${number} computes on ${taken.about}`);
    const { backend: name, kind, index } = taken.device;
    const backend = { name, kind, index, threads: taken.threads };
    const tools = { database, artifacts, scratchFolder, datasetsFolder: config.datasets.folder, backend };
    const isWell = (problem: StageProblem) => devices.isWell(taken, problem);
    await runDevice({ boss, tools, device: taken.id, stopping: stopping.signal, isWell, onError });
  }
} finally {
  await devices.close();
  await closeBoss(boss);
  await database.close();
}
process.exit(0);
