/** Tries again what failed because the database was away for a moment or two transactions were in each other's way. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isPassing } from '../store/passing.ts';

const limitMilliseconds = 60_000;

export async function persistently<Result>(act: () => Promise<Result>): Promise<Result> {
  const deadline = Date.now() + limitMilliseconds;
  for (let pause = 100; ; pause = Math.min(pause * 2, 2000)) {
    try {
      return await act();
    } catch (error) {
      if (!isPassing(error) || Date.now() > deadline) throw error;
      await sleep(pause);
    }
  }
}
