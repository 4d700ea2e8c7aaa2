import type { Transaction } from '../store/database.ts';
import { type Boss, within } from './boss.ts';
import { type Claim, ClaimLostError } from './stage-task.ts';

/**
 * The heartbeat of a claim. Inside a transaction it is a fence too: the row stays locked until the end, so what the
 * transaction writes is written by the one worker that holds the stage, and not after a cancellation.
 * Throws ClaimLostError when the claim is gone.
 */
export async function holdStage(boss: Boss, claim: Claim, transaction?: Transaction): Promise<void> {
  const { affected } = (await boss.touch(claim.queue, claim, transaction && within(transaction))) as { affected: number };
  if (affected !== 1) throw new ClaimLostError(claim);
}
