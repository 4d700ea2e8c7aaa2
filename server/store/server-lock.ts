/**
 * One server to a database: weights lie in its data folder, so another server's workers would not find them, and both would end
 * what the other's workers do. The lock is Postgres's own and belongs to a connection: it ends with the server, however that ends.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { StartError } from '../errors.ts';
import { newClient } from './client.ts';

export interface ServerLock {
  release(): Promise<void>;
}

export interface ServerLockOptions {
  /** Who holds it, as others are told; Postgres keeps 63 bytes. */
  holder: string;
  /** Called when another server took the database while the connection was lost. */
  onTaken(message: string): void;
}

/** "riftlab" in ASCII. */
const key = '32204036105855330';
const pauseMilliseconds = 500;
/** The connection of a server that was killed takes a moment to end. */
const attempts = 10;

/** Throws StartError when another server has the database, naming it. */
export async function lockServer(url: string, { holder, onTaken }: ServerLockOptions): Promise<ServerLock> {
  const released = new AbortController();
  const rest = () => sleep(pauseMilliseconds, undefined, { signal: released.signal }).catch(() => {});
  let client: pg.Client | undefined;

  /** Who else holds it; undefined when we do. */
  async function take(): Promise<string | undefined> {
    const next = newClient({ connectionString: url, application_name: holder, keepAlive: true });
    await next.connect();
    const { rows } = await next.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1) AS taken', [key]);
    if (rows[0]?.taken) {
      client = next;
      next.once('end', () => void again());
      return undefined;
    }
    const other = await next.query<{ application_name: string }>(
      `SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid)
       WHERE locktype = 'advisory' AND granted AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
         AND (classid::bigint << 32 | objid::bigint) = $1 AND objsubid = 1`,
      [key],
    );
    await next.end();
    return other.rows[0]?.application_name || 'a RiftLab server';
  }

  async function again(): Promise<void> {
    let told = false;
    while (!released.signal.aborted) {
      const other = await take().catch(() => null);
      if (other === undefined) return;
      if (other && !told) onTaken(`${other} took the database while it was away from this server; stop one of the two.`);
      told ||= other !== null;
      await rest();
    }
  }

  for (let attempt = 1; ; attempt++) {
    const other = await take();
    if (other === undefined) break;
    if (attempt === attempts)
      throw new StartError(
        `The database is in use by ${other}. Use that server, stop it, or give this one a database of its own; more machines join with npm run worker.`,
      );
    await rest();
  }
  return {
    async release() {
      released.abort();
      await client?.end();
    },
  };
}
