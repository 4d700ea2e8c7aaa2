import { ClaimLostError } from './stage-task.ts';

export interface Heartbeat {
  /** Aborts when the claim is lost, or when the worker is to stop. */
  signal: AbortSignal;
  lost(): boolean;
  /** Resolves when no beat is under way any more. */
  stop(): Promise<void>;
}

const intervalMilliseconds = 500;

/** Beats twice a second: that is also how soon a cancellation is noticed. A beat that the database missed is followed by the next. */
export function startHeartbeat(beat: () => Promise<void>, stopping: AbortSignal): Heartbeat {
  const abort = new AbortController();
  let lost = false;
  let stopped = false;
  let beating: Promise<void> = Promise.resolve();
  const onStopping = () => abort.abort(stopping.reason);
  if (stopping.aborted) onStopping();
  stopping.addEventListener('abort', onStopping, { once: true });

  async function once(): Promise<void> {
    try {
      await beat();
    } catch (error) {
      if (!(error instanceof ClaimLostError)) return;
      lost = true;
      abort.abort(error);
    }
  }
  let timer: NodeJS.Timeout | undefined;
  const schedule = () => {
    timer = setTimeout(() => {
      beating = once().then(() => {
        if (!stopped && !lost) schedule();
      });
    }, intervalMilliseconds);
  };
  schedule();
  return {
    signal: abort.signal,
    lost: () => lost,
    async stop() {
      stopped = true;
      clearTimeout(timer);
      stopping.removeEventListener('abort', onStopping);
      await beating;
    },
  };
}
