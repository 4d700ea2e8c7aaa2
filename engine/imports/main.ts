/** A process of its own for reading files from elsewhere: whatever a file does to it, it ends nothing else. */
import '../parent.ts';
import { Worker } from 'node:worker_threads';
import type { ReadRequest, Reply } from './messages.ts';
import { readFile } from './read-file.ts';
import { ImportRefusal } from './refusal.ts';

/** Ends the process when it takes more memory; reading leaves no time for timers in its own thread. */
function limitMemory(bytes: number): void {
  const watch = `
    const { writeSync } = require('node:fs');
    const { workerData: bytes } = require('node:worker_threads');
    setInterval(() => {
      if (process.memoryUsage.rss() <= bytes) return;
      writeSync(2, 'more than ' + Math.round(bytes / 2 ** 20) + ' MiB of memory');
      process.kill(process.pid, 'SIGKILL');
    }, 20);`;
  new Worker(watch, { eval: true, workerData: bytes }).unref();
}

function answer(request: ReadRequest): Reply {
  try {
    limitMemory(request.limitBytes);
    return { type: 'found', found: readFile(request) };
  } catch (error) {
    if (error instanceof ImportRefusal) {
      const { fault, place, message, hint } = error;
      return { type: 'refused', fault, place, message, hint };
    }
    if (error instanceof RangeError)
      return { type: 'refused', fault: 'file', place: [], message: 'The file names sizes beyond all memory.' };
    return { type: 'failed', message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

process.on('message', (request: ReadRequest) => {
  process.send?.(answer(request), undefined, undefined, () => process.exit(0));
});
process.send?.({ type: 'ready' } satisfies Reply);
