/** The queues of stages: one that any device takes from, one for each device that runs ask for, one for stages given up. */
import { type Boss, heartbeatSeconds } from './boss.ts';

export const anyDeviceQueue = 'stages';
export const givenUpQueue = 'stages-given-up';

/** The queue of runs that ask for this device, or of those that take any. */
export const queueOf = (device: number | null) => (device === null ? anyDeviceQueue : `${anyDeviceQueue}-device-${device}`);

const hours = 60 * 60;
const days = 24 * hours;

/** pg-boss calls a task that is active for longer than this dead: the longest that it allows. */
const expireInSeconds = 1 * days;

/**
 * A worker gives its task back by itself before that, and continues it as a new one: an expired attempt counts as a death, and
 * after so many of those the run would end.
 */
export const longestClaimMilliseconds = 20 * hours * 1000;

/**
 * Makes a queue unless it is there.
 * exclusive: a run (the singleton key) has at most one stage queued or active.
 */
export async function ensureQueue(boss: Boss, name: string): Promise<void> {
  if (await boss.getQueue(givenUpQueue)) {
    if (await boss.getQueue(name)) return;
  } else {
    await boss.createQueue(givenUpQueue, { retentionSeconds: 365 * days });
  }
  await boss.createQueue(name, {
    policy: 'exclusive',
    retryLimit: 8,
    retryDelay: 0,
    expireInSeconds,
    retentionSeconds: 365 * days,
    deleteAfterSeconds: 7 * days,
    heartbeatSeconds,
    deadLetter: givenUpQueue,
  });
}
