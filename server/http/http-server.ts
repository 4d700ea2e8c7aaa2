/** The server under everything else: how long a client may take, and what becomes of an error that nobody expected. */
import { randomUUID } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import type { Logger } from 'pino';
import { waitForBody } from './patience.ts';
import { refuse } from './refuse.ts';
import { answerStarting } from './starting.ts';

/** Milliseconds. A client that sends its head slowly to hold connections is let go; of bodies patience.ts knows. */
const patience = { headersTimeout: 15_000, requestTimeout: 0, connectionsCheckingInterval: 2000 };

export interface HttpServer {
  /** Says that it is starting until it has handlers. */
  server: Server;
  /** From then on the first of the handlers that does answers. */
  answerBy(log: Logger, ...handlers: RequestHandler[]): void;
}

export function createHttpServer(): HttpServer {
  const app = () => express().disable('x-powered-by');
  let answer: RequestListener = app().use(waitForBody, answerStarting);
  return {
    server: createServer({ ...patience, maxHeaderSize: 16_384 }, (request, response) => answer(request, response)),
    answerBy(log, ...handlers) {
      answer = app()
        .use(waitForBody, ...handlers)
        .use(answerFault(log));
    },
  };
}

/** Errors that Express makes of a request, as a path with a broken %-escape, are the client's and have a status. */
const answerFault =
  (log: Logger): ErrorRequestHandler =>
  (error: Error & { status?: number }, _request, response, _next) => {
    const { status = 500 } = error;
    if (status < 500 && !response.headersSent) {
      return refuse(response, status, 'BAD_REQUEST', 'The address cannot be read.');
    }
    const id = randomUUID().slice(0, 8);
    log.error({ id, err: error }, 'unexpected error in a request');
    if (response.headersSent) return void response.destroy();
    const message = `Something went wrong in the server. Its log says more under ${id}.`;
    refuse(response, 500, 'INTERNAL_SERVER_ERROR', message, id);
  };
