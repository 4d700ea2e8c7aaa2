/** Requests to change the protocol: to WebSocket, at one path. Every other is refused and its connection ended. */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket, WebSocketServer } from 'ws';
import { refuseBare } from './bare.ts';
import { refusal } from './guards.ts';

export interface UpgradeParts {
  sockets: WebSocketServer;
  path: string;
  allowedHosts: readonly string[];
  /** Whether the socket has said who it belongs to. */
  isKnown(socket: WebSocket): boolean;
}

/** Sockets of everybody together; each takes a file descriptor, and the health check needs one too. */
const mostSockets = 1000;

/** Sockets from one address that have not said who they belong to. */
const mostUnknown = 50;

const tryLater = { 'Retry-After': '5' };

export function acceptUpgrades(server: Server, { sockets, path, allowedHosts, isKnown }: UpgradeParts): void {
  const addresses = new WeakMap<WebSocket, string | undefined>();
  const unknownFrom = (address: string | undefined) =>
    [...sockets.clients].filter((socket) => !isKnown(socket) && addresses.get(socket) === address).length;

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (request.url?.split('?')[0] !== path || request.headers.upgrade?.toLowerCase() !== 'websocket') {
      const message = `Only ${path} takes WebSockets, and nothing here takes another protocol. Send the request without "Upgrade".`;
      return refuseBare(socket, { status: 404, code: 'NOT_FOUND', message });
    }
    const foreign = refusal(request, allowedHosts);
    if (foreign) return refuseBare(socket, { status: 403, code: 'FORBIDDEN', message: foreign });
    const code = 'LIMIT_EXCEEDED';
    if (sockets.clients.size >= mostSockets) {
      return refuseBare(socket, { status: 503, code, message: `There are ${mostSockets} sockets open already.`, headers: tryLater });
    }
    const address = request.socket.remoteAddress;
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
