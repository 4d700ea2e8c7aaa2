/** The queues of stages: one that any device takes from, one for each device that runs ask for, one for stages given up. */
import { type Boss, heartbeatSeconds } from './boss.ts';

export const anyDeviceQueue = 'stages';
export const givenUpQueue = 'stages-given-up';

/** The queue of runs that ask for this device, or of those that take any. */
export const queueOf = (device: number | null) => (device === null ? anyDeviceQueue : `${anyDeviceQueue}-device-${device}`);

const days = 24 * 60 * 60;

/**
 * Makes a queue unless it is there.
 * exclusive: a run (the singleton key) has at most one stage queued or active.
 * expireInSeconds is the longest that pg-boss allows: a stage that takes longer is retaken and continues from its resume state.
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
    expireInSeconds: 1 * days,
    retentionSeconds: 365 * days,
    deleteAfterSeconds: 7 * days,
    heartbeatSeconds,
    deadLetter: givenUpQueue,
  });
}
