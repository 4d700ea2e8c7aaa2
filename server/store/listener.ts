/** Hears what notifications.ts tells, on a connection of its own that comes back by itself. */
import { EventEmitter } from 'node:events';
import type pg from 'pg';
import { newClient } from './client.ts';
import { type Notification, notificationChannel } from './notifications.ts';

export interface Listener {
  /** Called for every notification until the returned function is called. */
  onNotification(hear: (notification: Notification) => void): () => void;
  /** Called each time the connection is back after a loss: anything may have happened meanwhile. */
  onReconnect(hear: () => void): () => void;
  close(): Promise<void>;
}

const pauseMilliseconds = 500;

/** Connects once before it returns, so that a wrong address is noticed at start. */
export async function listen(url: string): Promise<Listener> {
  const events = new EventEmitter().setMaxListeners(0);
  let client: pg.Client | null = null;
  let closed = false;
  let retry: NodeJS.Timeout | undefined;

  async function connect(): Promise<void> {
    const next = newClient({ connectionString: url, keepAlive: true });
    next.on('notification', ({ payload }) => {
      if (payload) events.emit('notification', JSON.parse(payload));
    });
    await next.connect();
    if (closed) return next.end();
    client = next;
    next.once('end', again);
    await next.query(`LISTEN ${notificationChannel}`);
  }

  function again(): void {
    client = null;
    if (closed) return;
    retry = setTimeout(() => {
      connect().then(() => events.emit('reconnect'), again);
    }, pauseMilliseconds);
  }

  await connect();
  const subscribe = (event: string) => (hear: (...values: never[]) => void) => {
    events.on(event, hear as (...values: unknown[]) => void);
    return () => {
      events.off(event, hear as (...values: unknown[]) => void);
    };
  };
  return {
    onNotification: subscribe('notification') as Listener['onNotification'],
    onReconnect: subscribe('reconnect') as Listener['onReconnect'],
    async close() {
      closed = true;
      clearTimeout(retry);
      await client?.end();
    },
  };
}
