/** Purges what was deleted longer ago than the lab keeps it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Artifacts } from '../store/artifacts.ts';
import type { Database } from '../store/database.ts';
import { expiredRuns, purgeRun } from '../store/purge.ts';

const day = 24 * 60 * 60 * 1000;
const intervalMilliseconds = 60 * 60 * 1000;

/** Returns how many runs went. days: how long deleted runs are kept, counted back from now. */
export async function purge(database: Database, artifacts: Artifacts, days: number, now = new Date()): Promise<number> {
  const before = new Date(now.getTime() - days * day);
  let purged = 0;
  for (const run of await expiredRuns(database, before)) if (await purgeRun(database, artifacts, run, before)) purged++;
  return purged;
}

export interface Purging {
  stop(): Promise<void>;
}

/** Every hour, from now on; never where days is 0. */
export function startPurging(database: Database, artifacts: Artifacts, days: number, onError: (error: unknown) => void): Purging {
  const stopping = new AbortController();
  const running = (async () => {
    while (days > 0 && !stopping.signal.aborted) {
      await purge(database, artifacts, days).catch(onError);
      await sleep(intervalMilliseconds, undefined, { signal: stopping.signal }).catch(() => {});
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
