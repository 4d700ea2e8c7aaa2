/** The one socket for everything live. It notices when the way to the server is dead, and comes back by itself. */
import { type ClientOptions, type CloseCode, createClient, type Sink, type SubscribePayload } from 'graphql-ws/client';
import { serverNow } from './clock.ts';

/** lost: since the server was heard last, by its clock. */
export type Connection = { state: 'connecting' | 'connected' } | { state: 'lost'; since: number };

export interface LiveSocket {
  subscribe(payload: SubscribePayload, sink: Sink): () => void;
}

export interface SocketEvents {
  onConnection(connection: Connection): void;
  /** The server was reached, for the first time or again. */
  onConnected(): void;
  /** The session has ended. */
  onSignedOut(): void;
}

/** A ping is sent so long after the last answer, and an answer or a connection is waited for no longer: together below 20 s. */
const pingMilliseconds = 8000;
const patienceMilliseconds = 8000;

/** After a wake-up the answer should be there much sooner. */
const wakingMilliseconds = 3000;

/** What the library takes for the end is tried again after so long. */
const againMilliseconds = 4000;

const unauthorized: CloseCode.Unauthorized = 4401;

/** Waits between attempts: half a second at first, eight at most; a wake-up ends them. */
const waitOf = (attempt: number) => Math.min(8000, 500 * 2 ** attempt) * (0.75 + Math.random() / 2);

export function openSocket(url: string, { onConnection, onConnected, onSignedOut }: SocketEvents): LiveSocket {
  let heard = serverNow();
  let patience: ReturnType<typeof setTimeout> | undefined;
  let open: WebSocket | undefined;
  let wake = () => {};

  const expectAnswer = (within: number) => {
    clearTimeout(patience);
    patience = setTimeout(() => client.terminate(), within);
  };
  const answered = () => clearTimeout(patience);
  let client = dial();

  function dial() {
    const on: ClientOptions['on'] = {
      connecting: () => expectAnswer(patienceMilliseconds),
      opened: (socket) => {
        open = socket as WebSocket;
      },
      connected: () => {
        answered();
        onConnection({ state: 'connected' });
        onConnected();
      },
      message: () => {
        heard = serverNow();
      },
      ping: (received) => !received && expectAnswer(patienceMilliseconds),
      pong: (received) => received && answered(),
      closed: (event) => {
        answered();
        open = undefined;
        onConnection({ state: 'lost', since: heard });
        if ((event as CloseEvent).code === unauthorized) onSignedOut();
      },
    };
    return createClient({
      url,
      lazy: false,
      keepAlive: pingMilliseconds,
      retryAttempts: Number.POSITIVE_INFINITY,
      shouldRetry: () => true,
      retryWait: (attempt) =>
        new Promise<void>((resolve) => {
          wake = resolve;
          setTimeout(resolve, waitOf(attempt));
        }),
      onNonLazyError: (problem) => mayPass(problem) && setTimeout(redial, againMilliseconds),
      on,
    });
  }

  function redial() {
    client = dial();
  }

  /** The machine woke up, its network came back or the page is looked at again: asks the server at once. */
  const check = () => {
    if (document.visibilityState === 'hidden') return;
    wake();
    if (open?.readyState !== WebSocket.OPEN) return;
    open.send('{"type":"ping"}');
    expectAnswer(wakingMilliseconds);
  };
  document.addEventListener('visibilitychange', check);
  window.addEventListener('online', check);

  return {
    subscribe(payload, sink) {
      let again: ReturnType<typeof setTimeout> | undefined;
      let stop = () => {};
      const begin = () => {
        stop = client.subscribe(payload, {
          ...sink,
          error(problem) {
            if (mayPass(problem)) again = setTimeout(begin, againMilliseconds);
            else sink.error(problem);
          },
        });
      };
      begin();
      return () => {
        clearTimeout(again);
        stop();
      };
    },
  };
}

/** A closed connection, unless the session has ended; or a server that says that its database is away. */
function mayPass(problem: unknown): boolean {
  if (Array.isArray(problem)) return problem.every(({ extensions }) => extensions?.code === 'UNAVAILABLE');
  return (problem as Partial<CloseEvent> | null)?.code !== unauthorized;
}
