/** How long a request's body may take to arrive. */
import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';
import { refuseBare } from './bare.ts';

/** No request but an upload has a body of more than a megabyte. */
const bodyMilliseconds = 30_000;

const late = { status: 408, code: 'LIMIT_EXCEEDED', message: 'The request did not arrive in time.' };

const timers = new WeakMap<IncomingMessage, NodeJS.Timeout>();

/** Lets go of a client that sends slowly to hold connections. Comes before everything that reads. */
export const waitForBody: RequestHandler = (request, response, next) => {
  const timer = setTimeout(() => {
    if (request.complete) return;
    if (response.headersSent) request.socket.destroy();
    else refuseBare(request.socket, late);
  }, bodyMilliseconds);
  timers.set(request, timer);
  response.once('close', () => clearTimeout(timer));
  next();
};

/** This request may take as long as it keeps sending; whoever reads it watches over that. */
export function takeItsTime(request: IncomingMessage): void {
  clearTimeout(timers.get(request));
}
