import type { Server } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { type Config, StartError } from '../config.ts';

/** Fails early, before anything is started, when the port can't be had. */
export async function checkPort(config: Config): Promise<void> {
  const probe = createServer();
  await listening(probe, config);
  await new Promise((resolve) => probe.close(resolve));
}

/** Listens and returns the port. */
export async function listen(server: Server, config: Config): Promise<number> {
  await listening(server, config);
  return (server.address() as AddressInfo).port;
}

/** Ends open connections too: a page that is open would hold the server for ever. */
export async function stopListening(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}

/** The address to open in a browser; a server that listens everywhere is reached on this machine too. */
export function originOf({ host }: Config, port: number): string {
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}

function listening(server: Server | ReturnType<typeof createServer>, { host, port }: Config): Promise<void> {
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
