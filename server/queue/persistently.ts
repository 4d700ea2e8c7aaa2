/** Tries again what failed because the database was away or two transactions were in each other's way. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isPassing } from '../store/passing.ts';

export interface Patience {
  /** Aborts when there is no time to wait: a few more tries are all. */
  stopping: AbortSignal;
  /** Called, for each thing that is waited for, when that takes long. */
  onWait(error: unknown): void;
}

const longestPause = 2000;
const triesWhenStopping = 3;
const tellAfterMilliseconds = 5000;

/** Waits as long as it takes: a database that comes back after an hour finds everything where it was. */
export async function persistently<Result>(act: () => Promise<Result>, { stopping, onWait }: Patience): Promise<Result> {
  const began = performance.now();
  let told = false;
  let triesLeft = triesWhenStopping;
  for (let pause = 100; ; pause = Math.min(2 * pause, longestPause)) {
    try {
      return await act();
    } catch (error) {
      if (!isPassing(error) || (stopping.aborted && --triesLeft === 0)) throw error;
      if (!told && performance.now() - began > tellAfterMilliseconds) {
        told = true;
        onWait(error);
      }
      await sleep(stopping.aborted ? 100 : pause, undefined, stopping.aborted ? {} : { signal: stopping }).catch(() => {});
    }
  }
}
