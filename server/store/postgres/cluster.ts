/** The embedded Postgres: one cluster in a folder, on a free loopback port, found again after a crash. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Account, chooseAccount, ownerOf } from './account.ts';
import { findPrograms, type Programs } from './programs.ts';
import { runProgram } from './run-program.ts';

export interface Cluster {
  /** Holds the data folder, the password and the log. */
  folder: string;
  data: string;
  password: string;
  programs: Programs;
  account: Account;
}

export const databaseUser = 'riftlab';
export const databaseName = 'riftlab';

/** Makes the cluster in `folder`/data unless it is there. A first creation that was cut short is begun again. */
export async function ensureCluster(folder: string): Promise<Cluster> {
  const programs = await findPrograms();
  await mkdir(folder, { recursive: true });
  const account = chooseAccount(programs.initdb, folder);
  const cluster = { folder, data: join(folder, 'data'), password: await ensurePassword(join(folder, 'password')), programs, account };
  if (!existsSync(join(cluster.data, 'PG_VERSION'))) await create(cluster);
  return cluster;
}

async function ensurePassword(path: string): Promise<string> {
  if (!existsSync(path)) await writeFile(path, randomBytes(24).toString('base64url'), { mode: 0o600 });
  await chmod(path, 0o600);
  return (await readFile(path, 'utf8')).trim();
}

async function create(cluster: Cluster): Promise<void> {
  const unfinished = `${cluster.data}.unfinished`;
  const passwordFile = join(cluster.folder, 'password.initdb');
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 });
  await writeFile(passwordFile, `${cluster.password}\n`, { mode: 0o600 });
  const owner = ownerOf();
  if (owner) for (const path of [unfinished, passwordFile]) await chown(path, owner.uid, owner.gid);
  try {
    await runProgram(cluster.account, cluster.programs.initdb, [
      `--pgdata=${unfinished}`,
      `--username=${databaseUser}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--no-instructions',
    ]);
  } finally {
    await rm(passwordFile, { force: true });
  }
  await rename(unfinished, cluster.data);
}
