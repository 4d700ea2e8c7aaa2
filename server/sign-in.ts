/** `npm start -- --sign-in`: a new one-time address for the administrator, whether RiftLab runs or not. */
import { UsageError } from '../setup/options.mjs';
import { type Config, readConfig } from './config.ts';
import { StartError } from './errors.ts';
import { createAdminAddress } from './services/people.ts';
import { findRunning } from './start/address.ts';
import { openDataFolder } from './start/data-folder.ts';
import { homeOf } from './start/listen.ts';
import { openServerDatabase } from './start/postgres.ts';
import { say } from './start/report.ts';
import { createShutdown } from './start/shutdown.ts';
import { openDatabase } from './store/database.ts';
import { migrate } from './store/migrations.ts';

printAddress(process.argv.slice(2)).catch((error: unknown) => {
  const forThePerson = error instanceof StartError || error instanceof UsageError;
  console.error(forThePerson ? `riftlab: ${error.message}` : error);
  process.exitCode = 1;
});

async function printAddress(argv: string[]): Promise<void> {
  const config = readConfig(argv, process.env);
  const running = await findRunning(config);
  if (running) await print(running.databaseUrl, running.home);
  else await whileStopped(config);
}

async function whileStopped(config: Config): Promise<void> {
  const shutdown = createShutdown();
  const asking = ask();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void shutdown.run(asking));
  await asking.finally(() => shutdown.run(asking));

  async function ask(): Promise<void> {
    const folder = await openDataFolder(config, { onWatch: say });
    shutdown.add('data folder', folder.release);
    const postgres = await openServerDatabase(config, shutdown.begun);
    shutdown.add('postgres', postgres.stop);
    await migrate(postgres.url);
    await print(postgres.url, homeOf(config, config.port));
    console.log('riftlab: it works once RiftLab runs');
  }
}

async function print(databaseUrl: string, home: string): Promise<void> {
  const database = openDatabase(databaseUrl, 1);
  try {
    console.log(`riftlab: open ${await createAdminAddress(database, home)}`);
  } finally {
    await database.close();
  }
}
