import { EngineError } from '../errors.ts';
import type { Network } from '../models/network.ts';
import type { StageContext } from '../stages.ts';
import { type LoopState, parseState } from '../training/state.ts';
import { checkWeights } from '../weights/initial.ts';

/**
 * Where the loop goes on: the state that an earlier execution left, or `fresh` when there is none. One that can't be used costs
 * the epochs that it had, which are computed again to the same numbers; it never ends the run.
 */
export async function resumed(
  { recorder }: StageContext,
  network: Network,
  kept: Uint8Array | undefined,
  fresh: LoopState,
): Promise<LoopState> {
  if (!kept) return fresh;
  try {
    const state = parseState(kept);
    checkWeights(network, state.weights);
    return state;
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    await recorder.line(`What was kept of this stage can't be used: ${error.message} The stage begins anew.`, 'warning');
    return fresh;
  }
}
