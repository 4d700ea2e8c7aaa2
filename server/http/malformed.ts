/** What is no HTTP, or has too long a head, never becomes a request: it is answered on the bare connection, as JSON like everything else. */
import { type Server, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';

const refusals: Record<string, { status: number; code: string; message: string }> = {
  HPE_HEADER_OVERFLOW: { status: 431, code: 'LIMIT_EXCEEDED', message: 'The headers of a request have at most 16 KiB together.' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, code: 'LIMIT_EXCEEDED', message: 'The request did not arrive in time.' },
};
const noHttp = { status: 400, code: 'BAD_REQUEST', message: 'This is no HTTP request.' };

export function answerMalformed(server: Server): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy();
    const { status, code, message } = refusals[error.code ?? ''] ?? noHttp;
    const body = JSON.stringify({ errors: [{ message, extensions: { code } }] });
    const head = ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`, 'Connection: close'];
    socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head.join('\r\n')}\r\n\r\n${body}`);
  });
}
