/** What changed, told to every API process through LISTEN/NOTIFY: ids only, readers query the rest. */
import type { Transaction } from './database.ts';

export const notificationChannel = 'riftlab';

/** runChanged covers state, stages, progress, tags, notes and checkpoints. Values are inclusive ranges or keys to read by. */
export type Notification =
  | { type: 'runChanged'; run: number }
  | { type: 'metricsLogged'; run: number; keys: number[]; fromStep: number; toStep: number }
  | { type: 'linesLogged'; run: number; fromSeq: number; toSeq: number }
  | { type: 'mrcScored'; run: number; module: string }
  | { type: 'sweepPointScored'; run: number; alpha: number }
  | { type: 'evaluated'; run: number; evaluation: number }
  | { type: 'devicesChanged' };

/** Told when the surrounding transaction commits. */
export async function notify(transaction: Transaction, notification: Notification): Promise<void> {
  await transaction.$executeRaw`SELECT pg_notify(${notificationChannel}, ${JSON.stringify(notification)})`;
}
