'use client';
import { createContext, use, useSyncExternalStore } from 'react';
import type { Lab } from '../../lib/client.ts';
import type { Connection } from '../../lib/socket.ts';

export const LabContext = createContext<Lab | null>(null);

const connecting: Connection = { state: 'connecting' };
const never = () => () => {};

/** How the live connection fares. */
export function useConnection(): Connection {
  const lab = use(LabContext);
  const read = lab?.connection ?? (() => connecting);
  return useSyncExternalStore(lab?.onConnection ?? never, read, read);
}

/** When the server was heard last, by its clock, while the connection is lost: what may have changed since is not known. */
export function useStaleSince(): number | null {
  const connection = useConnection();
  return connection.state === 'lost' ? connection.since : null;
}
