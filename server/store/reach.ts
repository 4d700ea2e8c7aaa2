/** Tests the address of a database before anything relies on it, and says what is wrong with it in words. */
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { StartError } from '../errors.ts';
import { newClient } from './client.ts';

export interface ReachOptions {
  /** Waits so long for a database that is away or just starting; for other faults not at all. Half a minute when absent. */
  waitMilliseconds?: number;
  /** Called once with the reason when waiting begins. */
  onWait?: (reason: string) => void;
  /** Aborts when waiting is to be given up. */
  signal?: AbortSignal;
}

const attemptMilliseconds = 10_000;
const pauseMilliseconds = 500;

/** pg-boss needs features of this one. */
const oldestMajor = 13;

const way = 'Correct DATABASE_URL, or leave it out to use the embedded Postgres.';

/** Resolves when the database answers; throws StartError with one line otherwise. */
export async function reachDatabase(url: string, { waitMilliseconds = 30_000, onWait, signal }: ReachOptions = {}): Promise<void> {
  const deadline = performance.now() + waitMilliseconds;
  for (let attempt = 0; ; attempt++) {
    const problem = await examine(url);
    if (!problem) return;
    if (!problem.passing) throw new StartError(`${problem.reason} ${problem.advice ?? way}`);
    if (performance.now() > deadline)
      throw new StartError(
        `${problem.reason} It was waited for during ${Math.round(waitMilliseconds / 1000)} s. Start that Postgres and try again. ${way}`,
      );
    if (attempt === 0) onWait?.(problem.reason);
    await sleep(pauseMilliseconds, undefined, { signal });
  }
}

interface Problem {
  reason: string;
  advice?: string;
  /** Waiting may help. */
  passing?: boolean;
}

async function examine(url: string): Promise<Problem | undefined> {
  let client: pg.Client;
  try {
    client = newClient({ connectionString: url, connectionTimeoutMillis: attemptMilliseconds });
  } catch (error) {
    return { reason: `DATABASE_URL can't be understood: ${(error as Error).message}.` };
  }
  try {
    await client.connect();
    const { rows } = await client.query<{ version: number; standby: boolean }>(
      "SELECT current_setting('server_version_num')::int AS version, pg_is_in_recovery() AS standby",
    );
    const { version = 0, standby = false } = rows[0] ?? {};
    const major = Math.floor(version / 10_000);
    if (major < oldestMajor)
      return { reason: `${placeOf(client)} is Postgres ${major}; RiftLab needs ${oldestMajor} or newer.`, advice: `Upgrade it. ${way}` };
    if (standby)
      return { reason: `${placeOf(client)} is a standby, which can't be written to.`, advice: 'Name its primary in DATABASE_URL.' };
    return undefined;
  } catch (error) {
    return describe(error as NodeJS.ErrnoException, client);
  } finally {
    await client.end().catch(() => {});
  }
}

const placeOf = ({ host, port }: pg.Client) => (host.startsWith('/') ? `The Postgres at ${host}` : `The Postgres at ${host}:${port}`);

/** Postgres names its errors by codes of five characters, the network and TLS by words. */
function describe(error: NodeJS.ErrnoException, client: pg.Client): Problem {
  const { code = '', message } = error;
  const place = placeOf(client);
  const { user, database } = client;
  const said = message.trim().replace(/\s+/g, ' ');
  if (/^(ECONNREFUSED|ENOENT)$/.test(code)) return { reason: `${place} does not run: nothing listens there (${code}).`, passing: true };
  if (/^(ENOTFOUND|EAI_AGAIN)$/.test(code)) return { reason: `There is no machine called ${client.host} (${code}).`, passing: true };
  if (/^(ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/.test(code) || /timeout|terminated unexpectedly/i.test(message))
    return { reason: `${place} does not answer (${code || said}).`, passing: true };
  if (/^(57P0[123]|53300)$/.test(code)) return { reason: `${place} does not take connections yet: ${said}.`, passing: true };
  if (code === '28P01') return { reason: `${place} refuses the password of "${user}".` };
  if (/password must be a string/.test(message)) return { reason: `${place} wants a password for "${user}", and DATABASE_URL has none.` };
  if (code.startsWith('28')) return { reason: `${place} does not let "${user}" in: ${said}.` };
  if (code === '3D000') return { reason: `${place} has no database "${database}".`, advice: `Create it (createdb ${database}). ${way}` };
  if (/CERT|_VERIFY_|_ISSUER_/.test(code))
    return {
      reason: `The certificate of ${place.replace('The', 'the')} is not trusted: ${said}.`,
      advice:
        'Name the file of who signed it in DATABASE_URL, as …?sslmode=verify-full&sslrootcert=/etc/ssl/lab.crt, ' +
        'or encrypt without asking who answers: …?sslmode=no-verify.',
    };
  if (/does not support SSL/.test(message)) return { reason: `${place} has no encryption, and sslmode asks for it.` };
  return { reason: `${place} can't be used: ${said}${code ? ` (${code})` : ''}.` };
}
