import type { Database } from './database.ts';

/** Postgres' version, as 18.1. */
export async function postgresVersion({ pool }: Database): Promise<string> {
  const { rows } = await pool.query<{ server_version: string }>('SHOW server_version');
  return rows[0]?.server_version.split(' ')[0] ?? '';
}
