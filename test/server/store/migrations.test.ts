/** Migrations: they make the database that the Prisma schema describes, once, whoever starts first. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { difference } from '../../../server/store/difference.ts';
import { type Migration, migrate, readMigrations } from '../../../server/store/migrations.ts';
import { databaseUrl } from '../../helpers/postgres.ts';

const names = ['agree', 'race', 'faults'].map((name) => `migrations_${name}_${process.pid}`);
const [agreeing, racing, faulty] = names.map((name) => databaseUrl(inject('postgresUrl'), name)) as [string, string, string];

async function run(url: string, statement: string) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

beforeAll(async () => {
  for (const name of names) await run(inject('postgresUrl'), `CREATE DATABASE ${name}`);
});

afterAll(async () => {
  for (const name of names) await run(inject('postgresUrl'), `DROP DATABASE ${name} WITH (FORCE)`);
});

const oneMore: Migration = { name: '9999_more', sql: 'CREATE TABLE more (id int)', checksum: 'more' };

describe('migrations', () => {
  it('lead to what prisma/schema.prisma says', async () => {
    const schema = await readFile(join(import.meta.dirname, '../../../prisma/schema.prisma'), 'utf8');
    await migrate(agreeing);
    expect(await difference(agreeing, schema)).toBe('');
    expect(await difference(agreeing, schema.replace('notes           String           @default("")', ''))).toContain(
      'DROP COLUMN "notes"',
    );
  });

  it('are applied once by many who start together', async () => {
    const applied = await Promise.all([1, 2, 3, 4].map(() => migrate(racing)));
    const all = (await readMigrations()).map(({ name }) => name);
    expect(applied.flat()).toEqual(all);
    expect(await migrate(racing)).toEqual([]);
    const rows = await run(racing, 'SELECT migration_name, checksum FROM "_prisma_migrations" ORDER BY 1');
    expect(rows).toEqual((await readMigrations()).map(({ name, checksum }) => ({ migration_name: name, checksum })));
  });

  it('are refused when they were changed, are unknown or fail, and then change nothing', async () => {
    const all = await readMigrations();
    await migrate(faulty, [...all, oneMore]);
    await expect(migrate(faulty, all)).rejects.toThrow(/newer.*9999_more/);
    await expect(migrate(faulty, [...all, { ...oneMore, checksum: 'other' }])).rejects.toThrow(/9999_more was changed/);
    const broken = { name: '9999_n', sql: 'CREATE TABLE half (id int); SELECT 1/0', checksum: 'broken' };
    await expect(migrate(faulty, [...all, oneMore, broken])).rejects.toThrow(/9999_n failed: division by zero/);
    expect(await run(faulty, "SELECT to_regclass('half') AS found")).toEqual([{ found: null }]);
    expect(await migrate(faulty, [...all, oneMore, { ...broken, sql: 'CREATE TABLE half (id int)' }])).toEqual(['9999_n']);
  });
});
