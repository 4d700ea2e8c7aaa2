/** The administrator's two keys: DATA/admin-token for scripts, a one-time address for the browser. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartError } from '../errors.ts';
import { createAdminAddress, prepareAdmin } from '../services/people.ts';
import type { Database } from '../store/database.ts';
import type { UserRecord } from '../store/records.ts';
import { createToken, isOwnToken, isToken } from '../store/tokens.ts';

/** Makes the administrator if there is none, and DATA/admin-token (mode 0600) if it is missing or another database's. */
export async function openAdmin(database: Database, data: string): Promise<UserRecord> {
  const { admin, secret } = await prepareAdmin(database);
  const path = join(data, 'admin-token');
  const kept = await readToken(path);
  if (secret === null && kept !== null && (await isOwnToken(database, kept))) return admin;
  const token = secret ?? (await replacementToken(database, admin));
  await writeFile(`${path}.new`, `${token}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
  return admin;
}

/** Null without the file. Throws StartError for one that holds no token. */
async function readToken(path: string): Promise<string | null> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw new StartError(`${path} can't be read (${error.code}): it holds the administrator's API token.`);
  });
  if (text === undefined) return null;
  if (isToken(text.trim())) return text.trim();
  throw new StartError(
    `${path} is ${text.trim() === '' ? 'empty' : 'damaged: it holds no API token'}. Delete it: a new token is made at the next start.`,
  );
}

/** For a data folder that has lost its file, or that is new to the database. */
async function replacementToken({ prisma }: Database, admin: UserRecord): Promise<string> {
  const wanted = { userId: admin.id, name: 'admin-token file', role: 'ADMIN' as const, expiresAt: null };
  return (await createToken(prisma, wanted)).secret;
}

export { createAdminAddress };
