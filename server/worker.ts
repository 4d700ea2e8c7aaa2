/** A worker: takes stages from the queue and computes them on one device. No HTTP. */
import { rm } from 'node:fs/promises';
import { availableParallelism, cpus, hostname } from 'node:os';
import { join } from 'node:path';
import { readConfig } from './config.ts';
import { closeBoss, openBoss } from './queue/boss.ts';
import { runDevice } from './queue/device-loop.ts';
import { outliveReaders } from './start/report.ts';
import { openArtifacts } from './store/artifacts.ts';
import { openDatabase } from './store/database.ts';
import { registerDevice } from './store/devices.ts';

const config = readConfig(process.argv.slice(2), process.env);
if (!config.databaseUrl) {
  console.error('riftlab worker: set DATABASE_URL to the database of the server that this worker belongs to.');
  process.exit(1);
}

outliveReaders();
const number = process.env.RIFTLAB_WORKER ?? 'standalone';
const worker = `${hostname()}/${number}`;
const threads = Number(process.env.RIFTLAB_THREADS) || availableParallelism();
const onError = (error: unknown) => console.error(`riftlab worker ${worker}: ${error instanceof Error ? error.message : String(error)}`);

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
try {
  const device = await registerDevice(database.prisma, {
    worker,
    name: `CPU, ${threads} ${threads === 1 ? 'thread' : 'threads'} (${cpus()[0]?.model.trim() ?? process.arch})`,
    backend: 'onnx',
    kind: 'cpu',
    threads,
  });
  const tools = {
    database,
    artifacts: await openArtifacts(join(config.data, 'artifacts')),
    scratchFolder,
    datasetsFolder: config.datasets.folder,
    backend: { name: 'onnx', threads },
  };
  await runDevice({ boss, tools, device, stopping: stopping.signal, onError });
} finally {
  await closeBoss(boss);
  await database.close();
}
process.exit(0);
