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
  /** Something that is too long to be named here: read the whole run. */
  | { type: 'runGrew'; run: number }
  | { type: 'devicesChanged' }
  /** A person's membership, role, password, a session or a token of theirs: who they are has to be found out again. */
  | { type: 'accessChanged'; user: string };

/** Postgres refuses 8000. */
const mostBytes = 7900;

/** Told when the surrounding transaction commits. */
export async function notify(transaction: Transaction, notification: Notification): Promise<void> {
  for (const text of payloads(notification)) await transaction.$executeRaw`SELECT pg_notify(${notificationChannel}, ${text})`;
}

/** Several where one would be too long. */
export function payloads(notification: Notification): string[] {
  const text = JSON.stringify(notification);
  if (Buffer.byteLength(text) <= mostBytes) return [text];
  if (notification.type !== 'metricsLogged') return 'run' in notification ? payloads({ type: 'runGrew', run: notification.run }) : [];
  const middle = notification.keys.length >> 1;
  const halves = [notification.keys.slice(0, middle), notification.keys.slice(middle)];
  return halves.flatMap((keys) => payloads({ ...notification, keys }));
}
