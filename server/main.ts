/** RiftLab's server: what starts, in order. Stopping undoes it backwards. */

import { hostname } from 'node:os';
import { join } from 'node:path';
import { listDatasets } from '../engine/index.ts';
import { readConfig } from './config.ts';
import { createApi } from './http/api.ts';
import { openToPages } from './http/headers.ts';
import { createHttpServer } from './http/http-server.ts';
import { onlyForPages } from './http/page-requests.ts';
import { readSecret } from './http/secret.ts';
import { closeBoss, openBoss } from './queue/boss.ts';
import { createQueue } from './queue/run-queue.ts';
import { startSupervisor } from './queue/supervisor.ts';
import { startPurging } from './services/purge.ts';
import { startTidying } from './services/uploads.ts';
import { keepAddress } from './start/address.ts';
import { createAdminAddress, openAdmin } from './start/admin.ts';
import { createClosed } from './start/closed-folder.ts';
import { openDataFolder } from './start/data-folder.ts';
import { queueDemo } from './start/demo.ts';
import { createConnections, homeOf, listen } from './start/listen.ts';
import { openLog } from './start/log.ts';
import { openPages } from './start/pages.ts';
import { describePostgres, openServerDatabase } from './start/postgres.ts';
import { outliveReaders, say, secondsSince, step } from './start/report.ts';
import { createShutdown } from './start/shutdown.ts';
import { runUntilStopped } from './start/until-stopped.ts';
import { readVersion } from './start/version.ts';
import { startLocalWorkers } from './start/workers.ts';
import { openArtifacts } from './store/artifacts.ts';
import { openDatabase } from './store/database.ts';
import { migrate } from './store/migrations.ts';
import { lockServer } from './store/server-lock.ts';
import { openUploadFiles } from './store/uploads.ts';

const began = performance.now();
const shutdown = createShutdown();
createClosed();
outliveReaders();
runUntilStopped(shutdown, () => start(process.argv.slice(2)));

/** Whoever has the folder writes to the same files. */
function stopAtOnce(reason: string): void {
  say(reason);
  process.kill(process.pid, 'SIGTERM');
}

async function start(argv: string[]): Promise<void> {
  const config = readConfig(argv, process.env);
  const http = createHttpServer();
  const connections = createConnections(http.server);
  const home = homeOf(config, await listen(http.server, config));
  shutdown.add('port', connections.stop);
  const folder = await openDataFolder(config, { onWatch: say, onLost: stopAtOnce, onScarce: say });
  shutdown.add('data folder', folder.release);
  const log = openLog(config.data);
  const onQueueError = (error: unknown) => log.error({ error }, 'queue');

  const postgres = await step('postgres', () => openServerDatabase(config, shutdown.begun), describePostgres);
  shutdown.add('postgres', postgres.stop);
  const lock = await lockServer(postgres.url, { holder: `the RiftLab server on ${hostname()}, process ${process.pid}`, onTaken: say });
  shutdown.add('server lock', lock.release);
  await step(
    'tables',
    () => migrate(postgres.url),
    (applied) => (applied.length > 0 ? `migrations applied: ${applied.length}` : 'up to date'),
  );
  const database = openDatabase(postgres.url);
  shutdown.add('connections', database.close);
  const admin = await openAdmin(database, config.data);
  const artifacts = await openArtifacts(join(config.data, 'artifacts'));

  const boss = await step('queue', () => openBoss(database, { supervise: true, onError: onQueueError }));
  shutdown.add('queue', () => closeBoss(boss));
  const supervisor = await startSupervisor(boss, database, onQueueError);
  shutdown.add('supervisor', supervisor.stop);

  const purging = startPurging(database, artifacts, config.retentionDays, (error) => log.error({ error }, 'purge'));
  shutdown.add('purge', purging.stop);

  await step('datasets', () => listDatasets(config.datasets.folder));
  const uploads = await openUploadFiles(join(config.data, 'uploads'));
  const api = await step('API', async () =>
    createApi({
      database,
      databaseUrl: postgres.url,
      embeddedPostgres: postgres.embedded,
      queue: createQueue(boss),
      artifacts,
      uploads,
      mostUploadBytes: config.uploadLimit * 1e6,
      datasetsFolder: config.datasets.folder,
      version: await readVersion(),
      secret: await readSecret(join(config.data, 'session-secret')),
      retentionDays: config.retentionDays,
      reach: config,
      log,
    }),
  );
  shutdown.add('API', api.close);
  const tidying = startTidying(database, uploads, (error) => log.error({ error }, 'uploads'));
  shutdown.add('uploads', tidying.stop);
  const pages = await step('pages', () => openPages(config));
  shutdown.add('pages', pages.close);

  api.attachSockets(http.server);
  http.answerBy(log, api.router, onlyForPages, openToPages, (request, response) => pages.handle(request, response));
  shutdown.add('HTTP', (hurry) => Promise.all([connections.stop(hurry), api.closeSockets()]));
  shutdown.add('address', await keepAddress(config, home));

  const environment = {
    DATABASE_URL: postgres.url,
    RIFTLAB_DATA: config.data,
    RIFTLAB_DATASETS: config.datasets.folder,
    RIFTLAB_DEVICE: config.device,
  };
  const workers = startLocalWorkers({ count: config.workers, environment, say });
  shutdown.add('workers', workers.stop);
  if (config.demo && (await queueDemo(api.lab, admin))) say('a demonstration run is queued: RiFT on MNIST, a few minutes');

  say(`ready after ${secondsSince(began)}; data in ${config.data}`);
  say(`open ${await createAdminAddress(database, home)}`);
  say('scripts use the token in admin-token of the data folder; Ctrl-C stops everything');
}
