/** The embedded Postgres: one cluster in a folder, on a free loopback port, found again after a crash. */
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartError } from '../../errors.ts';
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

/**
 * Makes the cluster in `folder`/data unless it is there. A first creation that was cut short is begun again. Throws StartError for
 * a cluster of another major version, which these programs can't read. signal: aborts when creating is to be given up.
 */
export async function ensureCluster(folder: string, signal?: AbortSignal): Promise<Cluster> {
  const programs = await findPrograms();
  await mkdir(folder, { recursive: true });
  const account = chooseAccount(programs.initdb, folder);
  const data = join(folder, 'data');
  const version = await readFile(join(data, 'PG_VERSION'), 'utf8').catch(() => '');
  if (version) checkVersion(folder, Number.parseInt(version, 10), programs.major);
  const password = await ensurePassword(join(folder, 'password'), version === '');
  const cluster = { folder, data, password, programs, account };
  if (!version) await create(cluster, signal);
  return cluster;
}

function checkVersion(folder: string, made: number, ours: number): void {
  if (made === ours) return;
  const url = `"$(cat ${join(folder, '../database-url')})"`;
  const problem = `The database in ${folder} was made by Postgres ${made}, and this RiftLab brings Postgres ${ours}, which can't read it.`;
  throw new StartError(
    made > ours
      ? `${problem} Start the newer RiftLab that made it.`
      : `${problem} Nothing was changed. Start the RiftLab that made it and save the database, with the pg_dump of Postgres ${made} or a newer one: ` +
          `pg_dump --format=custom --file=lab.dump ${url}. Stop it, move ${folder} away and start this one. ` +
          `Empty its database: psql ${url} -c 'DROP SCHEMA public, pgboss CASCADE; CREATE SCHEMA public'. ` +
          `Load the dump: pg_restore --no-owner --dbname=${url} lab.dump. Then start again.`,
  );
}

/** isNew: there is no database yet that knows an earlier password. */
async function ensurePassword(path: string, isNew: boolean): Promise<string> {
  const known = (await readFile(path, 'utf8').catch(() => '')).trim();
  if (known) {
    await chmod(path, 0o600);
    return known;
  }
  if (!isNew) throw new StartError(`${path} is empty or gone: restore it from a backup of the data folder.`);
  const password = randomBytes(24).toString('base64url');
  await writeFile(`${path}.new`, password, { mode: 0o600 });
  await rename(`${path}.new`, path);
  return password;
}

/** A name of its own: a creation that was cut short may still be under way in its folder. */
async function create(cluster: Cluster, signal: AbortSignal | undefined): Promise<void> {
  for (const name of await readdir(cluster.folder))
    if (name.startsWith('data.unfinished')) await rm(join(cluster.folder, name), { recursive: true, force: true }).catch(() => {});
  const unfinished = `${cluster.data}.unfinished-${randomBytes(4).toString('hex')}`;
  const passwordFile = join(cluster.folder, 'password.initdb');
  await mkdir(unfinished, { mode: 0o700 });
  await writeFile(passwordFile, `${cluster.password}\n`, { mode: 0o600 });
  const owner = ownerOf();
  if (owner) for (const path of [unfinished, passwordFile]) await chown(path, owner.uid, owner.gid);
  try {
    const account = [`--username=${databaseUser}`, `--pwfile=${passwordFile}`, '--auth=scram-sha-256'];
    const options = [`--pgdata=${unfinished}`, ...account, '--encoding=UTF8', '--locale=C', '--no-instructions'];
    await runProgram(cluster.account, cluster.programs.initdb, options, signal);
  } finally {
    await rm(passwordFile, { force: true });
  }
  await rename(unfinished, cluster.data);
}
