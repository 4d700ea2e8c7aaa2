/** The pages' GraphQL client: a normalised cache, HTTP for queries and mutations, one socket for everything live. */
import { cacheExchange } from '@urql/exchange-graphcache';
import { type ClientOptions, createClient as createSocket } from 'graphql-ws/client';
import { Client, fetchExchange, mapExchange, subscriptionExchange } from 'urql';
import { cacheOptions } from './cache.ts';
import { isSignedOut } from './errors.ts';

export type Connection = 'connecting' | 'connected' | 'lost';

export interface Lab {
  client: Client;
  /** Calls back now and at every change; returns what ends that. */
  onConnection(listener: (connection: Connection) => void): () => void;
}

const socketAddress = () => `${window.location.origin.replace(/^http/, 'ws')}/graphql`;

/** Waits between attempts to reach the server again: half a second at first, eight at most. */
const retryWait: ClientOptions['retryWait'] = (attempt) =>
  new Promise((resolve) => setTimeout(resolve, Math.min(8000, 500 * 2 ** attempt) * (0.75 + Math.random() / 2)));

export function createLab(onSignedOut: () => void): Lab {
  let connection: Connection = 'connecting';
  const listeners = new Set<(connection: Connection) => void>();
  const change = (next: Connection) => {
    connection = next;
    for (const listener of listeners) listener(next);
  };
  const socket = createSocket({
    url: socketAddress,
    lazy: true,
    keepAlive: 12_000,
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true,
    retryWait,
    on: { connected: () => change('connected'), closed: (event) => change((event as CloseEvent).code === 1000 ? 'connecting' : 'lost') },
  });
  const client = new Client({
    url: '/graphql',
    preferGetMethod: false,
    requestPolicy: 'cache-and-network',
    exchanges: [
      mapExchange({ onError: (error) => isSignedOut(error) && onSignedOut() }),
      cacheExchange(cacheOptions),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query, variables }) => ({
          subscribe: (sink) => ({
            unsubscribe: socket.subscribe({ query: query ?? '', variables: variables as Record<string, unknown> }, sink),
          }),
        }),
      }),
    ],
  });
  return {
    client,
    onConnection(listener) {
      listeners.add(listener);
      listener(connection);
      return () => listeners.delete(listener);
    },
  };
}
