/** The pages' GraphQL client: a normalised cache, HTTP for queries and mutations, one socket for everything live. */
import { cacheExchange } from '@urql/exchange-graphcache';
import { retryExchange } from '@urql/exchange-retry';
import { Client, fetchExchange, makeOperation, mapExchange, type Operation, subscriptionExchange } from 'urql';
import { basePath } from './base-path.ts';
import { cacheOptions } from './cache.ts';
import { timedFetch } from './clock.ts';
import { isPassing, isSignedOut } from './errors.ts';
import { type Connection, openSocket } from './socket.ts';

export interface Lab {
  client: Client;
  connection(): Connection;
  /** Calls back at every change; returns what ends that. */
  onConnection(listener: () => void): () => void;
}

/** A connection that is there, or back, so soon was not missed. */
const briefMilliseconds = 1500;

/**
 * Subscriptions begin anew with the connection; what is read after them cannot fall between. Nothing tells that they have begun: a
 * server that does much else may answer the first reading before, so there is a second.
 */
const afterSubscriptionsMilliseconds = [300, 3000];

const socketAddress = () => `${window.location.origin.replace(/^http/, 'ws')}${basePath}/graphql`;

export function createLab(onSignedOut: () => void): Lab {
  const { connection, change, onConnection } = connectionStore();
  /** Queries that a page shows the answer of. */
  const shown = new Map<number, Operation>();
  const began = performance.now();
  let isFirst = true;

  const readAgain = () => {
    for (const operation of shown.values()) {
      client.reexecuteOperation(makeOperation('query', operation, { ...operation.context, requestPolicy: 'network-only' }));
    }
  };
  const socket = openSocket(socketAddress(), {
    onConnection: change,
    onConnected() {
      const mayHaveMissed = !isFirst || performance.now() - began > briefMilliseconds;
      if (mayHaveMissed) for (const later of afterSubscriptionsMilliseconds) setTimeout(readAgain, later);
      isFirst = false;
    },
    onSignedOut,
  });
  const client = new Client({
    url: `${basePath}/graphql`,
    preferGetMethod: false,
    requestPolicy: 'cache-and-network',
    fetch: timedFetch,
    exchanges: [
      mapExchange({
        onOperation(operation) {
          if (operation.kind === 'query') shown.set(operation.key, operation);
          if (operation.kind === 'teardown') shown.delete(operation.key);
        },
        onError: (error) => isSignedOut(error) && onSignedOut(),
      }),
      cacheExchange(cacheOptions),
      retryExchange({
        initialDelayMs: 500,
        maxDelayMs: 8000,
        maxNumberAttempts: 8,
        retryIf: (error, { kind }) => kind === 'query' && isPassing(error),
      }),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query = '', variables }) => ({
          subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query, variables: variables as Record<string, unknown> }, sink) }),
        }),
      }),
    ],
  });
  return { client, connection, onConnection };
}

/** Holds how the connection fares; a loss is told once it is longer than a moment. */
function connectionStore() {
  let connection: Connection = { state: 'connecting' };
  let soon: ReturnType<typeof setTimeout> | undefined;
  const listeners = new Set<() => void>();
  const set = (next: Connection) => {
    connection = next;
    soon = undefined;
    for (const listener of listeners) listener();
  };
  return {
    connection: () => connection,
    change(next: Connection) {
      if (next.state !== 'lost') {
        clearTimeout(soon);
        set(next);
      } else if (connection.state !== 'lost') soon ??= setTimeout(() => set(next), briefMilliseconds);
    },
    onConnection(listener: () => void) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}
