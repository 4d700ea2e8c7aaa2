/** Does one mutation: the change, its audit record and its notification, in one transaction. */
import { recordAct } from '../store/audit.ts';
import type { Transaction } from '../store/database.ts';
import { type Notification, notify } from '../store/notifications.ts';
import { permit } from './permission.ts';
import type { Session } from './session.ts';

export interface Outcome<Result> {
  result: Result;
  /** What was acted on, for the audit record. */
  target?: string;
  notifications?: Notification[];
}

export async function act<Result>(
  session: Session,
  action: string,
  input: object,
  change: (transaction: Transaction) => Promise<Outcome<Result>>,
  /** Milliseconds that the whole may take. */
  timeout = 15_000,
): Promise<Result> {
  const { user, token } = permit(session, 'VIEWER');
  return session.lab.database.prisma.$transaction(
    async (transaction) => {
      const { result, target = null, notifications = [] } = await change(transaction);
      await recordAct(transaction, { userId: user.id, tokenId: token?.id ?? null, action, target, arguments: input });
      for (const notification of notifications) await notify(transaction, notification);
      return result;
    },
    { timeout },
  );
}
