/** A worker: takes stages from the queue and computes them on one device. No HTTP. */
import '../engine/parent.ts';
import { setMaxListeners } from 'node:events';
import { rm } from 'node:fs/promises';
import { availableParallelism, hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { whenParentIsGone } from '../engine/parent.ts';
import { UsageError } from '../setup/options.mjs';
import { type Config, readConfig } from './config.ts';
import { StartError } from './errors.ts';
import { closeBoss, openBoss } from './queue/boss.ts';
import { runDevice } from './queue/device-loop.ts';
import { createClosed } from './start/closed-folder.ts';
import { outliveReaders, readable, say } from './start/report.ts';
import { openArtifacts } from './store/artifacts.ts';
import { openDatabase } from './store/database.ts';
import { requestErrorOf } from './store/failure.ts';
import { checkMigrations } from './store/migrations.ts';
import { isPassing } from './store/passing.ts';
import { reachDatabase } from './store/reach.ts';
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
/** It ends within this time once it was told to, less than its server gives it. */
const mostMilliseconds = 4500;
const sameMilliseconds = 60_000;
const said = new Set<string>();

/** Everything that a worker does says the same when the database goes away: it is said once a minute. */
function onError(error: unknown): void {
  const text = wordsOf(error);
  if (said.has(text)) return;
  said.add(text);
  setTimeout(() => said.delete(text), sameMilliseconds).unref();
  console.error(`riftlab worker ${worker}: ${readable(text)}`);
}

function wordsOf(error: unknown): string {
  const known = requestErrorOf(error);
  if (known) return known.message;
  const isOfDriver = error instanceof Error && ('clientVersion' in error || 'code' in error);
  if (isOfDriver && isPassing(error)) return 'The database does not answer. It is waited for, and what was computed is kept until then.';
  return error instanceof Error ? error.message : String(error);
}

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
// Everything that waits for the database listens to it.
setMaxListeners(0, stopping.signal);
const stop = () => {
  stopping.abort(new Error('The worker is stopping.'));
  // Whatever hangs: the stage is taken again by another worker once it is missed.
  setTimeout(() => process.exit(1), mostMilliseconds).unref();
};
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
whenParentIsGone(stop);

// Workers of several machines may share the data folder.
const scratchFolder = join(config.data, 'scratch', worker.replaceAll(/[^\w.-]/g, '-'));
await rm(scratchFolder, { recursive: true, force: true });
await untilReached(config.databaseUrl);
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
const artifacts = await openArtifacts(join(config.data, 'artifacts'));
const [shortest, longest] = [5000, 300_000];
let pause = shortest;
while (!stopping.signal.aborted) {
  try {
    if (await work()) {
      pause = shortest;
      continue;
    }
    onError(new Error(`no device passes its self-test; trying again in ${pause / 1000} s`));
    await rest(pause);
    pause = Math.min(2 * pause, longest);
  } catch (error) {
    if (!isPassing(error)) throw error;
    onError(error);
    await rest(shortest);
  }
}
await devices.close();
await closeBoss(boss);
await database.close();
process.exit(0);

/** Computes stages on the best device until that is lost or the worker stops; false when there is no device. */
async function work(): Promise<boolean> {
  const taken = await devices.choose();
  if (!taken) return stopping.signal.aborted;
  say(`worker ${number} computes on ${taken.about}`);
  const { backend: name, kind, index } = taken.device;
  const backend = { name, kind, index, threads: taken.threads };
  const tools = { database, artifacts, scratchFolder, datasetsFolder: config.datasets.folder, backend };
  const isWell = (problem: StageProblem) => devices.isWell(taken, problem);
  await runDevice({ boss, tools, device: taken.id, stopping: stopping.signal, isWell, onError });
  return true;
}

function rest(milliseconds: number): Promise<void> {
  return sleep(milliseconds, undefined, { signal: stopping.signal }).catch(() => {});
}

/** A database that is away is waited for as long as it takes; what waiting can't mend ends the worker with a line. */
async function untilReached(url: string): Promise<void> {
  const onWait = (reason: string) => onError(new Error(`${reason} Waiting for it.`));
  try {
    await reachDatabase(url, { waitMilliseconds: Number.POSITIVE_INFINITY, signal: stopping.signal, onWait });
    await checkMigrations(url);
  } catch (error) {
    if (!stopping.signal.aborted) onError(error);
    process.exit(stopping.signal.aborted ? 0 : 1);
  }
}
