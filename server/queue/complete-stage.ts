import type { Transaction } from '../store/database.ts';
import { type Boss, within } from './boss.ts';
import { type Claim, ClaimLostError } from './stage-task.ts';

/** Ends a claim in the transaction that stores its results; throws ClaimLostError, so that they roll back, unless it was held. */
export async function completeStage(boss: Boss, claim: Claim, transaction: Transaction): Promise<void> {
  const { affected } = (await boss.complete(claim.queue, claim, null, within(transaction))) as { affected: number };
  if (affected !== 1) throw new ClaimLostError(claim);
}
