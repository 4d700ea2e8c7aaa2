/**
 * One embedded Postgres for a whole test run, with a migrated database that fresh ones are copied from. RIFTLAB_TEST_POSTGRES names
 * another to try in its place, of another major version: postgresql://USER:PASSWORD@HOST:PORT/DATABASE, as a superuser.
 */
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

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { url, stop } = await openServer();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`DROP DATABASE IF EXISTS ${templateDatabase}`);
  await client.query(`CREATE DATABASE ${templateDatabase}`);
  await client.end();
  await migrate(databaseUrl(url, templateDatabase));
  project.provide('postgresUrl', url);
  return stop;
}

async function openServer(): Promise<{ url: string; stop(): Promise<void> }> {
  const given = process.env.RIFTLAB_TEST_POSTGRES;
  if (given) return { url: given, stop: async () => {} };
  const folder = await mkdtemp(join(tmpdir(), 'riftlab-test-postgres-'));
  const postgres = await startPostgres(folder, {
    settings: ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_connections=200'],
  });
  return {
    url: postgres.url,
    async stop() {
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export function databaseUrl(postgresUrl: string, name: string): string {
  const url = new URL(postgresUrl);
  url.pathname = `/${name}`;
  return url.toString();
}
