/** Requests to change the protocol: to WebSocket, at one path. Every other is refused and its connection ended. */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket, WebSocketServer } from 'ws';
import { refuseBare } from './bare.ts';
import { insidePath } from './base-path.ts';
import { refusal } from './guards.ts';
import type { Reach } from './reach.ts';

export interface UpgradeParts {
  sockets: WebSocketServer;
  path: string;
  reach: Reach;
  /** Whether the socket has said who it belongs to. */
  isKnown(socket: WebSocket): boolean;
}

/** Sockets of everybody together; each takes a file descriptor, and the health check needs one too. */
const mostSockets = 1000;

/** Sockets from one address that have not said who they belong to. */
const mostUnknown = 50;

const tryLater = { 'Retry-After': '5' };

export function acceptUpgrades(server: Server, { sockets, path, reach, isKnown }: UpgradeParts): void {
  const addresses = new WeakMap<WebSocket, string>();
  const unknownFrom = (address: string) =>
    [...sockets.clients].filter((socket) => !isKnown(socket) && addresses.get(socket) === address).length;

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (insidePath(request.url ?? '', reach.basePath).split('?')[0] !== path || request.headers.upgrade?.toLowerCase() !== 'websocket') {
      const message = `Only ${path} takes WebSockets, and nothing here takes another protocol. Send the request without "Upgrade".`;
      return refuseBare(socket, { status: 404, code: 'NOT_FOUND', message });
    }
    const foreign = refusal(request, reach);
    if (foreign) return refuseBare(socket, { status: 403, code: 'FORBIDDEN', message: foreign });
    const code = 'LIMIT_EXCEEDED';
    if (sockets.clients.size >= mostSockets) {
      return refuseBare(socket, { status: 503, code, message: `There are ${mostSockets} sockets open already.`, headers: tryLater });
    }
    const address = reach.client(request);
    if (unknownFrom(address) >= mostUnknown) {
      const message = `${mostUnknown} sockets from this address have not signed in yet.`;
      return refuseBare(socket, { status: 429, code, message, headers: tryLater });
    }
    sockets.handleUpgrade(request, socket, head, (opened) => {
      addresses.set(opened, address);
      sockets.emit('connection', opened, request);
    });
  });
}
