/** The pages: Next's production build of web/, as a handler of this server's requests. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import next from 'next';
import type { Config } from '../config.ts';
import { outsidePath } from '../http/base-path.ts';

export interface Pages {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  close(): Promise<void>;
}

export async function openPages({ host, port, basePath }: Config): Promise<Pages> {
  process.env.RIFTLAB_BASE_PATH = basePath;
  // Next listens for upgrades on the server that it is given, and would leave those of others open.
  const httpServer = createServer();
  const app = next({ dev: false, dir: join(import.meta.dirname, '../../web'), hostname: host, port, httpServer });
  await app.prepare();
  const handle = app.getRequestHandler();
  return {
    handle(request, response) {
      request.url = outsidePath(request.url ?? '/', basePath);
      return handle(request, response);
    },
    close: () => app.close(),
  };
}
