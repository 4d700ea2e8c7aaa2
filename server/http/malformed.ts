/** What is no HTTP, or has too long a head, never becomes a request: it is answered on the bare connection, as JSON like everything else. */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { type Refusal, refuseBare } from './bare.ts';

const refusals: Record<string, Refusal> = {
  HPE_HEADER_OVERFLOW: { status: 431, code: 'LIMIT_EXCEEDED', message: 'The headers of a request have at most 16 KiB together.' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, code: 'LIMIT_EXCEEDED', message: 'The request did not arrive in time.' },
};
const noHttp: Refusal = { status: 400, code: 'BAD_REQUEST', message: 'This is no HTTP request.' };

export function answerMalformed(server: Server): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (error.code === 'ECONNRESET') return void socket.destroy();
    refuseBare(socket, refusals[error.code ?? ''] ?? noHttp);
  });
}
