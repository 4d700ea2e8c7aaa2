/** The priority of computations. */
import { writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/** A fourth of the processor beside somebody who wants all of it: enough to go on beside other people's work. */
const niceness = 5;

/** Linux takes one change of a group in 100 ms from whoever is not root. */
const tries = 5;
const pauseMilliseconds = 150;

/**
 * Whoever asks the server is answered first: a computation takes every core that nobody else wants. Its processes are a session of
 * their own, and Linux shares processors between sessions (sched_autogroup) before it looks at the processes within, so the session
 * must give way too. Where the system does not let us, it runs as everything else does.
 */
export async function giveWay(pid: number): Promise<void> {
  try {
    setPriority(pid, niceness);
  } catch {
    // It has ended already, or we may not.
  }
  for (let left = tries; left > 0; left--) {
    try {
      writeFileSync(`/proc/${pid}/autogroup`, String(niceness));
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
      await sleep(pauseMilliseconds);
    }
  }
}
