/** A database of one's own: made from the migrated template, dropped at the end, and no connection may be left open. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { type Database, openDatabase } from '../../server/store/database.ts';
import { databaseUrl, templateDatabase } from './postgres.ts';

export interface FreshDatabase {
  database: Database;
  /** For other processes. */
  url: string;
  /** Closes and drops it; throws when a connection was left open. */
  drop(): Promise<void>;
}

export async function freshDatabase(): Promise<FreshDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  const server = inject('postgresUrl');
  await withClient(server, (client) => client.query(`CREATE DATABASE ${name} TEMPLATE ${templateDatabase}`));
  const url = databaseUrl(server, name);
  const database = openDatabase(url);
  return {
    database,
    url,
    async drop() {
      await database.close();
      await withClient(server, async (client) => {
        const leaked = await openConnections(client, name);
        await client.query(`DROP DATABASE ${name} WITH (FORCE)`);
        if (leaked.length > 0) throw new Error(`${leaked.length} connections to ${name} were left open:\n${leaked.join('\n')}`);
      });
    },
  };
}

/** What the connections that are still open said last; Postgres needs a moment to notice a closed one. */
async function openConnections(client: pg.Client, name: string): Promise<string[]> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const { rows } = await client.query<{ query: string }>(
      "SELECT query FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend'",
      [name],
    );
    if (rows.length === 0 || Date.now() > deadline) return rows.map(({ query }) => query.slice(0, 200));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function withClient<Result>(url: string, act: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await act(client);
  } finally {
    await client.end();
  }
}
