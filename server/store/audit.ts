/** Who changed what: one row a mutation, written in the mutation's own transaction. */
import type { Transaction } from './database.ts';

export interface Act {
  /** Null for what the server does by itself. */
  userId: string | null;
  /** The API token that was used, where it was one. */
  tokenId: number | null;
  /** Name of the mutation. */
  action: string;
  /** What was acted on, as Run-12. */
  target: string | null;
  /** The arguments, without secrets. */
  arguments: object;
}

export async function recordAct(transaction: Transaction, act: Act): Promise<void> {
  await transaction.auditRecord.create({ data: { ...act, arguments: JSON.parse(JSON.stringify(act.arguments)) } });
}
