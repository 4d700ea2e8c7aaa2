/**
 * One embedded Postgres for a whole test run, with a migrated database that fresh ones are copied from. RIFTLAB_TEST_POSTGRES names
 * another to try in its place, of another major version: postgresql://USER:PASSWORD@HOST:PORT/DATABASE, as a superuser.
 */
import { readFileSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { migrate } from '../../server/store/migrations.ts';
import { startPostgres } from '../../server/store/postgres/postgres.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    postgresUrl: string;
  }
}

export const templateDatabase = 'template_riftlab';

interface Shared {
  url: string;
  stop(): Promise<void>;
  /** Projects that have not ended. */
  users: number;
}

/** Each project that is set up has modules of its own. */
const everywhere = globalThis as { riftlabTestPostgres?: Promise<Shared> };

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  everywhere.riftlabTestPostgres ??= openShared();
  const shared = await everywhere.riftlabTestPostgres;
  shared.users += 1;
  project.provide('postgresUrl', shared.url);
  return async () => {
    shared.users -= 1;
    if (shared.users === 0) await shared.stop();
  };
}

async function openShared(): Promise<Shared> {
  const { url, stop } = await openServer();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`DROP DATABASE IF EXISTS ${templateDatabase}`);
  await client.query(`CREATE DATABASE ${templateDatabase}`);
  await client.end();
  await migrate(databaseUrl(url, templateDatabase));
  return { url, stop, users: 0 };
}

async function openServer(): Promise<{ url: string; stop(): Promise<void> }> {
  const given = process.env.RIFTLAB_TEST_POSTGRES;
  if (given) return { url: given, stop: async () => {} };
  const folder = await mkdtemp(join(tmpdir(), 'riftlab-test-postgres-'));
  const postgres = await startPostgres(folder, {
    settings: ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_connections=200'],
  });
  const end = () => endAtOnce(folder);
  process.once('exit', end);
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
  return {
    url: postgres.url,
    async stop() {
      process.off('exit', end);
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A run that is broken off waits for nothing. */
function endAtOnce(folder: string): void {
  try {
    process.kill(Number.parseInt(readFileSync(join(folder, 'data/postmaster.pid'), 'utf8'), 10), 'SIGQUIT');
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  } catch {
    // It has ended by itself, or is still writing.
  }
}

export function databaseUrl(postgresUrl: string, name: string): string {
  const url = new URL(postgresUrl);
  url.pathname = `/${name}`;
  return url.toString();
}
