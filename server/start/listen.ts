import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../config.ts';
import { StartError } from '../errors.ts';
import type { Stop } from './shutdown.ts';

/** Listens and returns the port. Early, so that nothing else is started when the port can't be had. */
export async function listen(server: Server, config: Config): Promise<number> {
  await listening(server, config);
  return (server.address() as AddressInfo).port;
}

/** What is under way gets this long to end by itself. */
const politeMilliseconds = 1500;

/**
 * Takes no more connections and ends those that there are: idle ones at once, the others soon. A page that is open, a download
 * that nobody reads or a socket whose other end is gone would hold the server for ever.
 */
export function createConnections(server: Server): { stop: Stop } {
  const open = new Set<Socket>();
  server.on('connection', (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
  });
  return {
    async stop(hurry) {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      const polite = sleep(politeMilliseconds, undefined, { signal: hurry }).catch(() => {});
      await Promise.race([closed, polite]);
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

/** The address to open in a browser; a server that listens everywhere is reached on this machine too. */
export function homeOf({ host, publicUrl, basePath }: Config, port: number): string {
  if (publicUrl) return publicUrl.origin + basePath;
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}

function listening(server: Server, { host, port }: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(explain(error, host, port)));
    server.listen(port, host, () => resolve());
  });
}

function explain(error: NodeJS.ErrnoException, host: string, port: number): Error {
  if (error.code === 'EADDRINUSE')
    return new StartError(
      `Port ${port} on ${host} is taken, perhaps by another RiftLab. End that program, or use another port: --port ${port + 1}.`,
    );
  if (error.code === 'EACCES') return new StartError(`This user may not use port ${port}. Use one from 1024: --port 4000.`);
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')
    return new StartError(`${host} is not an address of this machine. Correct --host, or leave it out.`);
  return error;
}
