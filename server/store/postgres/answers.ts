/** Asking the embedded Postgres. */
import { join } from 'node:path';
import { StartError } from '../../errors.ts';
import { newClient } from '../client.ts';
import { type Cluster, databaseName, databaseUser } from './cluster.ts';

/** Another start would not mend it. */
export class PasswordError extends StartError {}

/** It listens on the loopback address alone, and says so itself: a client's settings for encryption are for other servers. */
export function urlOf(cluster: Cluster, port: number, database: string): string {
  return `postgresql://${databaseUser}:${cluster.password}@127.0.0.1:${port}/${database}?sslmode=disable`;
}

/** no: nothing is heard. starting: it lives, and takes no connections yet, as while it recovers from a crash. */
export type Answer = 'yes' | 'starting' | 'no';

const startingCode = '57P03';
const passwordCode = '28P01';

/** Whether it takes connections. Throws PasswordError when it does, but not with our password. */
export async function ask(cluster: Cluster, port: number): Promise<Answer> {
  const client = newClient({ connectionString: urlOf(cluster, port, 'postgres'), connectionTimeoutMillis: 2000 });
  try {
    await client.connect();
    return 'yes';
  } catch (error) {
    const { code, message } = error as Error & { code?: unknown };
    // It says so while it shuts down too; its messages are in English, as its locale is C.
    if (code !== passwordCode) return code === startingCode && !message.includes('shutting down') ? 'starting' : 'no';
    const path = join(cluster.folder, 'password');
    throw new PasswordError(`The embedded Postgres refuses the password in ${path}. Restore that file from a backup of the data folder.`);
  } finally {
    await client.end().catch(() => {});
  }
}

/** Makes RiftLab's database unless it is there. */
export async function ensureDatabase(cluster: Cluster, port: number): Promise<void> {
  const client = newClient({ connectionString: urlOf(cluster, port, 'postgres') });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [databaseName]);
    if (!rowCount) await client.query(`CREATE DATABASE ${databaseName}`);
  } finally {
    await client.end();
  }
}
