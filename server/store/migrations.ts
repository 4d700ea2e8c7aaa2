/** Applies prisma/migrations in order, keeping Prisma's own table of them, so that its tools work on the same database. */
import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import { StartError } from '../errors.ts';
import { newClient } from './client.ts';

const migrationsFolder = join(import.meta.dirname, '../../prisma/migrations');

/** Prisma's own advisory lock, so that two servers that start together, or one and Prisma's tools, take turns. */
const lockKey = 72707369;

export interface Migration {
  name: string;
  sql: string;
  checksum: string;
}

interface Applied {
  migration_name: string;
  checksum: string;
  finished_at: Date | null;
}

export async function readMigrations(folder = migrationsFolder): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(join(folder, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

/**
 * Applies what is missing, each migration in one transaction, and returns the names applied.
 * Throws when an applied migration differs from its file, is unfinished, or is unknown here (the database is newer).
 */
export async function migrate(url: string, migrations?: Migration[]): Promise<string[]> {
  const wanted = migrations ?? (await readMigrations());
  const client = newClient({ connectionString: url });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [lockKey]);
    const applied = await readApplied(client);
    compare(wanted, applied);
    const missing = wanted.filter(({ name }) => !applied.some((one) => one.migration_name === name));
    for (const migration of missing) await apply(client, migration);
    return missing.map(({ name }) => name);
  } finally {
    await client.end();
  }
}

/** For a process that only uses the tables; throws when the database lacks a migration or is newer. */
export async function checkMigrations(url: string): Promise<void> {
  const wanted = await readMigrations();
  const client = newClient({ connectionString: url });
  await client.connect();
  try {
    const applied = await readApplied(client);
    compare(wanted, applied);
    if (applied.length < wanted.length)
      throw new StartError('The database was not yet used by a RiftLab server of this version. Start that server first.');
  } finally {
    await client.end();
  }
}

async function readApplied(client: pg.Client): Promise<Applied[]> {
  await client.query(`CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    id varchar(36) PRIMARY KEY,
    checksum varchar(64) NOT NULL,
    finished_at timestamptz,
    migration_name varchar(255) NOT NULL,
    logs text,
    rolled_back_at timestamptz,
    started_at timestamptz NOT NULL DEFAULT now(),
    applied_steps_count integer NOT NULL DEFAULT 0)`);
  const result = await client.query<Applied>(
    'SELECT migration_name, checksum, finished_at FROM "_prisma_migrations" WHERE rolled_back_at IS NULL ORDER BY migration_name',
  );
  return result.rows;
}

function compare(wanted: Migration[], applied: Applied[]): void {
  for (const one of applied) {
    const file = wanted.find(({ name }) => name === one.migration_name);
    if (!file) {
      throw new StartError(
        `The database was used by a newer RiftLab (it has migration ${one.migration_name}). Start that version, or give this one another database.`,
      );
    }
    if (!one.finished_at) throw new StartError(`Migration ${one.migration_name} did not finish; restore the database from a backup.`);
    if (file.checksum !== one.checksum)
      throw new StartError(`Migration ${one.migration_name} was changed after it was applied: get its file back as it was.`);
  }
}

async function apply(client: pg.Client, { name, sql, checksum }: Migration): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query(sql);
    await client.query(
      `INSERT INTO "_prisma_migrations" (id, checksum, migration_name, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, now(), 1)`,
      [randomUUID(), checksum, name],
    );
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw new Error(`Migration ${name} failed: ${(error as Error).message}`, { cause: error });
  }
}
