/** Tells a process from a later one that got the same id. */
import { readFileSync } from 'node:fs';

export interface ProcessMark {
  pid: number;
  /** When it began, in the clock ticks of Linux; null elsewhere. */
  began: string | null;
}

export function markOf(pid: number): ProcessMark {
  return { pid, began: beganAt(pid) };
}

/** True when the marked process still runs. */
export function isSameProcess({ pid, began }: ProcessMark): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return began === null || beganAt(pid) === began;
}

/** Field 22 of /proc/PID/stat; the name in front of it may contain spaces and brackets. */
function beganAt(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}
