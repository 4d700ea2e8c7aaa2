/** How a process that ran out of memory is told from one that was ended otherwise. */
import { readFile } from 'node:fs/promises';

/** Processes that Linux has ended for want of memory since it started; undefined where the system does not say. */
export async function readOutOfMemoryKills(file = '/proc/vmstat'): Promise<number | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const [, count] = /^oom_kill (\d+)$/m.exec(text) ?? [];
  return count === undefined ? undefined : Number(count);
}

/** What V8 and the C++ library print before they give up. */
export const saysOutOfMemory = (said: string) => /heap out of memory|bad_alloc|Cannot allocate memory/i.test(said);
