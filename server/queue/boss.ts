/** pg-boss over our own connections. Each statement of it that we use has its own file. */
import { fromPrisma, PgBoss } from 'pg-boss';
import type { Database, Transaction } from '../store/database.ts';

export type Boss = PgBoss;

export interface BossOptions {
  /** True in the server process: it looks for stages whose worker has gone quiet. Workers leave that to it. */
  supervise: boolean;
  /** Errors of its own background work, which it retries by itself. */
  onError(error: Error): void;
}

/** A worker that has not been heard from for this long has lost its stage. */
export const heartbeatSeconds = 10;

export async function openBoss({ pool }: Database, { supervise, onError }: BossOptions): Promise<Boss> {
  const boss = new PgBoss({
    db: { executeSql: (text, values) => pool.query(text, values as unknown[]) },
    supervise,
    schedule: false,
    superviseIntervalSeconds: 2,
    monitorIntervalSeconds: 2,
    registerInstance: false,
  });
  boss.on('error', onError);
  await boss.start();
  return boss;
}

export async function closeBoss(boss: Boss): Promise<void> {
  await boss.stop({ graceful: false });
}

/** Makes a statement of pg-boss part of our transaction. */
export const within = (transaction: Transaction) => ({ db: fromPrisma(transaction) });
