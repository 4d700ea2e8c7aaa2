/** Connections of one's own, apart from the pool. */
import pg from 'pg';

/**
 * A client that is not connected yet. One that loses its connection while it waits for nothing does not end the process, as it
 * would by itself: the next statement fails, or nobody needs one.
 */
export function newClient(config: pg.ClientConfig): pg.Client {
  const client = new pg.Client(config);
  client.on('error', () => {});
  return client;
}
