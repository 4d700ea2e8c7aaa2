/** A file behind HTTP, as servers, proxies and connections that break give it. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FileServer {
  url: string;
  /** Range of each request, null where there was none. */
  ranges: (string | null)[];
  close(): Promise<void>;
}

interface Behaviour {
  /** Bytes that an answer's body has before the connection is cut, by the number of the request; all when absent. */
  cutAfter?(request: number): number | undefined;
  /** Awaited before a connection is cut: a client loses what it has received and not yet written. sent: the file's bytes up to there. */
  beforeCut?(sent: number): Promise<void>;
  ignoresRange?: boolean;
  status?: number;
  /** Bytes by which later parts begin elsewhere than was asked. */
  shift?: number;
}

export async function serveFile(
  content: () => Buffer,
  { cutAfter, beforeCut, ignoresRange, status = 200, shift = 0 }: Behaviour = {},
): Promise<FileServer> {
  const ranges: FileServer['ranges'] = [];
  function answer(request: IncomingMessage, response: ServerResponse): void {
    const all = content();
    const range = request.headers.range ?? null;
    const most = cutAfter?.(ranges.length);
    ranges.push(range);
    if (status !== 200) return void response.writeHead(status).end('no');
    const start = ignoresRange || range === null ? 0 : Number(/\d+/.exec(range)?.[0]) + shift;
    if (start >= all.length) return void response.writeHead(416, { 'content-range': `bytes */${all.length}` }).end();
    const part = all.subarray(start);
    if (start > 0)
      response.writeHead(206, { 'content-range': `bytes ${start}-${all.length - 1}/${all.length}`, 'content-length': part.length });
    else response.writeHead(200, { 'content-length': part.length });
    if (most === undefined || most >= part.length) return void response.end(part);
    response.write(part.subarray(0, most), async () => {
      await beforeCut?.(start + most);
      response.destroy();
    });
  }
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ranges,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
