/** The database of this server: somebody's own, or the embedded one in the data folder. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { startPostgres } from '../store/postgres/postgres.ts';
import { say } from './report.ts';

export interface ServerDatabase {
  url: string;
  embedded: boolean;
  found: boolean;
  stop(): Promise<void>;
}

/** The address of the embedded one is kept in DATA/database-url (mode 0600) while it runs, for psql and for workers. */
export async function openServerDatabase({ databaseUrl, data }: Config): Promise<ServerDatabase> {
  if (databaseUrl) return { url: databaseUrl, embedded: false, found: true, stop: async () => {} };
  const { url, found, stop } = await startPostgres(join(data, 'postgres'), { onRestart: say });
  const file = join(data, 'database-url');
  await rm(file, { force: true });
  await writeFile(file, `${url}\n`, { mode: 0o600 });
  return {
    url,
    embedded: true,
    found,
    async stop() {
      await rm(file, { force: true });
      await stop();
    },
  };
}

export const describePostgres = ({ embedded, found }: ServerDatabase) =>
  embedded ? (found ? 'found running' : 'embedded') : 'DATABASE_URL';
