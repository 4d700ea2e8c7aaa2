/** The database of this server: somebody's own, or the embedded one in the data folder. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { startPostgres } from '../store/postgres/postgres.ts';
import { reachDatabase } from '../store/reach.ts';
import { say } from './report.ts';
import type { Stop } from './shutdown.ts';

export interface ServerDatabase {
  url: string;
  embedded: boolean;
  found: boolean;
  stop: Stop;
}

/**
 * The address of the embedded one is kept in DATA/database-url (mode 0600) while it runs, for psql and for workers.
 * signal: aborts when the start is to be given up.
 */
export async function openServerDatabase({ databaseUrl, data }: Config, signal: AbortSignal): Promise<ServerDatabase> {
  if (databaseUrl) {
    await reachDatabase(databaseUrl, { signal, onWait: (reason) => say(`${reason} Waiting for it, half a minute at most …`) });
    return { url: databaseUrl, embedded: false, found: true, stop: async () => {} };
  }
  forgetPostgresVariables();
  const { url, found, stop } = await startPostgres(join(data, 'postgres'), { onRestart: say, signal });
  const file = join(data, 'database-url');
  await rm(file, { force: true });
  await writeFile(file, `${url}\n`, { mode: 0o600 });
  return {
    url,
    embedded: true,
    found,
    async stop(hurry) {
      await rm(file, { force: true });
      await stop(hurry);
    },
  };
}

/** PGSSLMODE, PGOPTIONS and their like are for the person's own databases: this process and its workers would obey them. */
function forgetPostgresVariables(): void {
  for (const name of Object.keys(process.env)) if (name.startsWith('PG')) delete process.env[name];
}

export const describePostgres = ({ embedded, found }: ServerDatabase) =>
  embedded ? (found ? 'found running' : 'embedded') : 'DATABASE_URL';
