import type { StageName } from '../../engine/config.ts';

/** The unit of queued work: one stage of one run. */
export interface StageTask {
  run: number;
  stage: StageName;
}

/** A task that this worker holds. retryCount says which attempt it is: an older attempt holds nothing any more. */
export interface Claim {
  queue: string;
  id: string;
  retryCount: number;
  task: StageTask;
}

/** The attempt was taken away: the run was cancelled, or another worker has the stage. */
export class ClaimLostError extends Error {
  override readonly name = 'ClaimLostError';

  constructor({ task }: Claim) {
    super(`Stage ${task.stage} of run ${task.run} is no longer this worker's.`);
  }
}
