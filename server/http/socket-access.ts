/** Ends the sockets of somebody whose access ended, and of somebody whose role changed: what runs on them was begun with the old one. */
import type { WebSocket } from 'ws';
import type { Live } from '../services/live.ts';
import type { Viewer } from '../services/session.ts';

export interface AccessWatch {
  /** identify finds out again who has the socket, and closes it when nobody does. */
  add(socket: WebSocket, viewer: Viewer, identify: () => Promise<Viewer | null>): void;
  stop(): void;
}

/** Of WebSocket: service restart. Clients connect again, with the new role. */
const connectAgain = 1012;

const longestTimer = 2 ** 31 - 1;

interface Holder {
  user: string;
  check(): void;
}

export function watchAccess(live: Pick<Live, 'onAccessChange'>): AccessWatch {
  const holders = new Set<Holder>();
  const stop = live.onAccessChange((user) => {
    for (const holder of holders) if (user === null || holder.user === user) holder.check();
  });
  return {
    add(socket, viewer, identify) {
      let timer: NodeJS.Timeout | undefined;
      const arm = ({ until }: Viewer) => {
        clearTimeout(timer);
        if (until) timer = setTimeout(check, Math.min(longestTimer, Math.max(0, until.getTime() - Date.now()) + 1));
      };
      const check = async () => {
        const found = await identify();
        if (found && found.role !== viewer.role) socket.close(connectAgain, `Your role is ${found.role} now: connect again.`);
        else if (found) arm(found);
      };
      const holder: Holder = { user: viewer.user.id, check };
      holders.add(holder);
      arm(viewer);
      socket.once('close', () => {
        holders.delete(holder);
        clearTimeout(timer);
      });
    },
    stop,
  };
}
