/** A relay of TCP connections that can do what networks do: cut, refuse, or swallow everything in silence. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface TcpProxy {
  port: number;
  /** Ends every connection; new ones still get through. */
  cut(): void;
  /** Ends every connection and refuses new ones until `admit`. */
  refuse(): void;
  /** Nothing passes in either direction any more, on these connections and new ones; nobody is told. */
  freeze(): void;
  /** New connections get through again; those that were frozen stay dead. */
  admit(): void;
  close(): Promise<void>;
}

export async function startProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  const open = new Set<Socket>();
  let mode: 'admit' | 'refuse' | 'freeze' = 'admit';
  const keep = (socket: Socket) => {
    open.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => open.delete(socket));
  };
  const server = createServer((near) => {
    keep(near);
    if (mode === 'refuse') return void near.resetAndDestroy();
    if (mode === 'freeze') return void near.pause();
    const far = connect(target);
    keep(far);
    near.pipe(far).pipe(near);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = () => {
    for (const socket of open) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    refuse() {
      mode = 'refuse';
      cut();
    },
    freeze() {
      mode = 'freeze';
      for (const socket of open) socket.unpipe().pause();
    },
    admit() {
      mode = 'admit';
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      cut();
      await closed;
    },
  };
}
