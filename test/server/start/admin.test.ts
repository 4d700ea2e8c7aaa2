/** The administrator's token in the data folder, with the databases that the folder may be opened on. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openAdmin } from '../../../server/start/admin.ts';
import { findToken, revokeToken } from '../../../server/store/tokens.ts';
import { type FreshDatabase, freshDatabase } from '../../helpers/database.ts';

let data: string;
const databases: FreshDatabase[] = [];

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'riftlab-test-admin-'));
});
afterEach(async () => {
  for (const one of databases.splice(0)) await one.drop();
  await rm(data, { recursive: true, force: true });
});

async function open() {
  const fresh = await freshDatabase();
  databases.push(fresh);
  await openAdmin(fresh.database, data);
  return fresh.database;
}

const kept = async () => (await readFile(join(data, 'admin-token'), 'utf8')).trim();

it('the file has a token of the database that the folder is opened on, whatever it had before', async () => {
  const first = await open();
  const token = await kept();
  const second = await open();
  expect(await findToken(second, await kept())).not.toBeNull();
  await openAdmin(first, data);
  expect(await kept()).not.toBe(token);
  expect((await findToken(first, await kept()))?.user.role).toBe('ADMIN');
});

it('the file is left as it is while its token is known, also once that was revoked', async () => {
  const database = await open();
  const token = await kept();
  await openAdmin(database, data);
  expect(await kept()).toBe(token);
  const found = await findToken(database, token);
  await revokeToken(database.prisma, found?.token.id ?? 0);
  await openAdmin(database, data);
  expect(await kept()).toBe(token);
});
