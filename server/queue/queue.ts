/** What services ask of the queue. Each call works inside the caller's transaction and takes effect when that commits. */
import type { StageName } from '../../engine/config.ts';
import type { Transaction } from '../store/database.ts';

export interface Queue {
  /** Writes the stages of a new QUEUED run, in this order, and queues the first; the run's wanted device is respected. */
  enqueueRun(transaction: Transaction, run: number, stages: readonly StageName[]): Promise<void>;
  /**
   * Ends a QUEUED or RUNNING run: its state is CANCELLED at once, and a worker that has it stops computing within two seconds.
   * Throws ConflictError for a run that has ended, NotFoundError for an unknown one.
   */
  cancelRun(transaction: Transaction, run: number): Promise<void>;
  /**
   * Queues a FAILED or CANCELLED run again, from its first unfinished stage.
   * Throws ConflictError for a run in another state or executed elsewhere, NotFoundError for an unknown one.
   */
  resumeRun(transaction: Transaction, run: number): Promise<void>;
}
