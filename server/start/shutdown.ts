/** What has been started is stopped in the opposite order: on Ctrl-C, on a signal, or when a later step of the start fails. */
import { say } from './report.ts';

export interface Shutdown {
  /** Adds what undoes the step that was just done. */
  add(name: string, stop: () => Promise<unknown>): void;
  /** Stops everything once, however often it is called. */
  run(): Promise<void>;
}

const impatientAfter = 1000;

export function createShutdown(): Shutdown {
  const steps: { name: string; stop: () => Promise<unknown> }[] = [];
  let running: Promise<void> | undefined;

  async function all(): Promise<void> {
    for (const { name, stop } of steps.reverse()) {
      try {
        await stop();
      } catch (error) {
        say(`stopping ${name} failed: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }

  return {
    add: (name, stop) => steps.push({ name, stop }),
    run: () => {
      running ??= all();
      return running;
    },
  };
}

/** Ends the process in order on the first signal; npm passes Ctrl-C on a second time, so only a later one ends it at once. */
export function stopOnSignals(shutdown: Shutdown): void {
  let first: number | undefined;
  const onSignal = () => {
    if (first !== undefined) {
      if (Date.now() - first > impatientAfter) process.exit(130);
      return;
    }
    first = Date.now();
    say('stopping; a running stage goes back to the queue (Ctrl-C again ends at once)');
    void shutdown.run().then(() => {
      say('stopped');
      process.exit(0);
    });
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  process.on('SIGHUP', onSignal);
}
