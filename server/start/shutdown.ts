/** What has been started is stopped in the opposite order: on Ctrl-C, on a signal, or when a later step of the start fails. */
import { setTimeout as sleep } from 'node:timers/promises';
import { say } from './report.ts';

/** Undoes a step. hurry aborts when there is no time left to be polite: what still runs is to be ended at once. */
export type Stop = (hurry: AbortSignal) => Promise<unknown>;

export interface Shutdown {
  /** Aborts when stopping begins: whatever the start waits for is given up. */
  readonly begun: AbortSignal;
  /** Adds what undoes the step that was just done. Throws StoppedError when stopping has begun meanwhile. */
  add(name: string, stop: Stop): void;
  /** Stops everything once, however often it is called. starting: settles when nothing more is added. */
  run(starting: Promise<unknown>): Promise<void>;
  /** Leaves the rest of the steps only a moment each. None is skipped. */
  hasten(): void;
}

/** The start was given up because it was told to stop. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError';
}

/** Together with a moment for each step that hangs, less than the ten seconds after which supervisors kill. */
const politeMilliseconds = 5000;
const momentMilliseconds = 700;

export function createShutdown(): Shutdown {
  const steps: { name: string; stop: Stop }[] = [];
  const begun = new AbortController();
  const hurry = new AbortController();
  let running: Promise<void> | undefined;

  async function all(starting: Promise<unknown>): Promise<void> {
    begun.abort(new StoppedError('RiftLab is stopping.'));
    const timer = setTimeout(() => hurry.abort(), politeMilliseconds);
    await finish('the start', () => starting.catch(() => {}));
    for (let step = steps.pop(); step; step = steps.pop()) await finish(step.name, step.stop);
    clearTimeout(timer);
  }

  /** Resolves when the step has stopped, failed to, or hangs although it was to hurry. */
  async function finish(name: string, stop: Stop): Promise<void> {
    const done = new AbortController();
    const hangs = untilHurried(hurry.signal, done.signal)
      .then(() => sleep(momentMilliseconds, undefined, { signal: done.signal }))
      .then(
        () => say(`stopping ${name} takes too long; going on without`),
        () => {},
      );
    const stopped = (async () => stop(hurry.signal))().catch((error: unknown) => {
      say(`stopping ${name} failed: ${error instanceof Error ? error.message : String(error)}`);
    });
    await Promise.race([stopped, hangs]);
    done.abort();
  }

  return {
    begun: begun.signal,
    add(name, stop) {
      steps.push({ name, stop });
      begun.signal.throwIfAborted();
    },
    run(starting) {
      running ??= all(starting);
      return running;
    },
    hasten: () => hurry.abort(),
  };
}

function untilHurried(hurry: AbortSignal, done: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (hurry.aborted) return resolve();
    hurry.addEventListener('abort', () => resolve(), { once: true, signal: done });
    done.addEventListener('abort', () => reject(done.reason), { once: true });
  });
}
