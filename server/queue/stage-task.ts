import type { StageName } from '../../engine/config.ts';
import type { Slice } from '../../engine/stages.ts';

/** The unit of queued work: one stage of one run, or a slice of it. */
export interface StageTask {
  run: number;
  stage: StageName;
  /** The whole stage, or what its slices left of it, when absent. */
  slice?: Slice;
  /** How often the process or the device that computed it was lost; 0 when absent. */
  losses?: number;
  /** How often its process was ended for its memory: its batches are halved as often. 0 when absent. */
  halvings?: number;
}

/** A stage that was lost this often ends its run: most likely it is the stage that breaks the device. */
export const mostLosses = 3;

/** After so many halvings the next lack of memory is a loss like others. */
export const mostHalvings = 4;

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
    super(`Stage ${task.stage} of Run-${task.run} is no longer this worker's.`);
  }
}
