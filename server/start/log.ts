import { join } from 'node:path';
import pino, { type Logger } from 'pino';
import { StartError } from '../errors.ts';

/** One JSON object a line in DATA/server.log; written as it happens, so that a crash loses nothing. */
export function openLog(data: string): Logger {
  const path = join(data, 'server.log');
  try {
    const destination = pino.destination({ dest: path, sync: true });
    // A full disk loses lines, and nothing else.
    destination.on('error', () => {});
    return pino({ level: 'info' }, destination);
  } catch (error) {
    throw new StartError(
      `The log ${path} can't be written (${(error as NodeJS.ErrnoException).code}). Remove it, or choose another folder: --data DIR.`,
    );
  }
}
