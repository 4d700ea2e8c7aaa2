import { join } from 'node:path';
import pino, { type Logger } from 'pino';

/** One JSON object a line in DATA/server.log; written as it happens, so that a crash loses nothing. */
export function openLog(data: string): Logger {
  return pino({ level: 'info' }, pino.destination({ dest: join(data, 'server.log'), sync: true }));
}
