/** Connections that end while nobody uses them: the process goes on, and the next statement has another. */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { newClient } from '../../../server/store/client.ts';
import { type FreshDatabase, freshDatabase } from '../../helpers/database.ts';
import { waitUntil } from '../../helpers/runs.ts';

let fresh: FreshDatabase;
let uncaught: unknown[];
const hear = (error: unknown) => void uncaught.push(error);

beforeEach(async () => {
  fresh = await freshDatabase();
  uncaught = [];
  process.prependListener('uncaughtException', hear);
});
afterEach(async () => {
  process.off('uncaughtException', hear);
  await fresh.drop();
});

/** Ends the connections of this name from elsewhere, as Postgres does when it stops. */
async function terminate(name: string): Promise<void> {
  const other = newClient({ connectionString: fresh.url });
  await other.connect();
  await other.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1', [name]);
  await waitUntil(async () => {
    const { rowCount } = await other.query('SELECT 1 FROM pg_stat_activity WHERE application_name = $1', [name]);
    return rowCount === 0;
  });
  await other.end();
}

it('of the pool is replaced without a word, before Prisma uses it and after', async () => {
  const { pool, prisma } = fresh.database;
  const name = randomUUID();
  const use = () => pool.query(`SET application_name = '${name}'`);
  await use();
  await terminate(name);
  await waitUntil(async () => pool.totalCount === 0);
  expect(await prisma.run.count()).toBe(0);
  await prisma.$disconnect();
  await use();
  await terminate(name);
  await waitUntil(async () => pool.totalCount === 0);
  expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  expect(uncaught).toEqual([]);
});

it('of a client fails its next statement', async () => {
  const name = randomUUID();
  const client = newClient({ connectionString: fresh.url, application_name: name });
  await client.connect();
  const ended = new Promise((resolve) => client.once('end', resolve));
  await terminate(name);
  await ended;
  await expect(client.query('SELECT 1')).rejects.toThrow(/not queryable|Connection terminated|closed/);
  expect(uncaught).toEqual([]);
});
