/** HTTP byte by byte, for what no client library would send. */
import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  /** 0 when the connection ended without an answer. */
  status: number;
  head: string;
  body: string;
}

/** Opens a connection to http://HOST:PORT and sends the text; the caller ends it. */
export function open(address: string, text: string): Promise<Socket> {
  const { hostname, port } = new URL(address);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(text, () => resolve(socket)));
    socket.on('error', reject);
  });
}

/** Everything that the server says until it ends the connection. */
export function untilClosed(socket: Socket): Promise<string> {
  let said = '';
  return new Promise((resolve) => {
    socket.on('data', (chunk) => {
      said += chunk.toString('latin1');
    });
    socket.on('error', () => resolve(said));
    socket.on('close', () => resolve(said));
  });
}

/** Sends a request that asks for the connection to be closed, or is malformed, and reads every answer to it. */
export async function answersTo(address: string, text: string): Promise<RawAnswer[]> {
  const said = await untilClosed(await open(address, text));
  return said
    .split(/(?=HTTP\/1\.1 \d{3} )/)
    .filter((part) => part.startsWith('HTTP/'))
    .map((part) => {
      const end = part.indexOf('\r\n\r\n');
      return { status: Number(part.slice(9, 12)), head: part.slice(0, end), body: part.slice(end + 4) };
    });
}

/** The lines of a request to this server; Host comes first unless given. */
export function lines(address: string, first: string, headers: string[] = [], body = ''): string {
  const host = headers.some((line) => /^host\s*:/i.test(line)) ? [] : [`Host: ${new URL(address).host}`];
  return [first, ...host, ...headers, '', body].join('\r\n');
}
