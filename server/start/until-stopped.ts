/** The life of the server's process: it starts, and ends in order whatever ends it. */
import { UsageError } from '../../setup/options.mjs';
import { StartError } from '../errors.ts';
import { isPassing } from '../store/passing.ts';
import { say } from './report.ts';
import type { Shutdown } from './shutdown.ts';

/** A terminal's Ctrl-C arrives twice, because npm passes it on: a later one is a second one. */
const impatientAfter = 1000;

/** Starts, and ends the process when a signal says so, when the start fails, or when something throws that nobody expected. */
export function runUntilStopped(shutdown: Shutdown, start: () => Promise<void>): void {
  const starting = start();
  const end = (code: number) => {
    void shutdown.run(starting).then(() => {
      if (code === 0) say('stopped');
      process.exit(code);
    });
  };
  let first: number | undefined;
  const onSignal = () => {
    if (first === undefined) {
      first = performance.now();
      say('stopping; a running stage goes back to the queue (Ctrl-C again hurries)');
      end(0);
    } else if (performance.now() - first > impatientAfter) shutdown.hasten();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  process.on('uncaughtException', (error) => {
    console.error('riftlab: an unexpected error ends the server; everything that runs goes back to the queue.', error);
    end(1);
  });
  starting.catch((error: unknown) => {
    if (shutdown.begun.aborted) return;
    console.error(forThePerson(error) ?? error);
    end(1);
  });
}

/** Undefined for what only the authors can mend. */
function forThePerson(error: unknown): string | undefined {
  if (error instanceof StartError || error instanceof UsageError) return `riftlab: ${error.message}`;
  if (!isPassing(error)) return undefined;
  const [said = ''] = (error as Error).message.trim().split('\n').slice(-1);
  return `riftlab: the database did not answer while the server started: ${said} Start it again when the database answers.`;
}
