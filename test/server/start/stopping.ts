/** Servers that are told to stop: what they are connected to, and what may stay behind. */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'graphql-ws';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import WebSocket from 'ws';
import { waitUntil } from '../../helpers/runs.ts';
import { type StartingServer, spawnServer, startServer } from '../../helpers/server.ts';
import { childrenOf, commandOf, isAlive } from '../../helpers/worker.ts';

/** A connection of the client's own making: it never reads, and never closes. */
async function openRaw(origin: string, text: string): Promise<Socket> {
  const { hostname, port } = new URL(origin);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('connect', resolve));
  socket.pause();
  socket.write(text);
  return socket;
}

/** What clients may send and then leave open. */
function openings(origin: string): string[] {
  const host = `Host: ${new URL(origin).host}`;
  return [
    '',
    `GET /healthz HTTP/1.1\r\n${host}\r\nConnection: keep-alive\r\n\r\n`,
    `POST /graphql HTTP/1.1\r\n${host}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"query":`,
    `GET /graphql HTTP/1.1\r\n${host}\r\nAccept: text/html\r\n\r\n`.repeat(20),
    `GET /graphql HTTP/1.1\r\n${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n`,
  ];
}

export const workersOf = (server: StartingServer) => server.processes().filter((pid) => /server\/worker/.test(commandOf(pid)));

class StoppingLab {
  /** A data folder for the tests of a file, once they run. */
  data = '';
  private open: { destroy(): void }[] = [];

  disconnect(): void {
    for (const one of this.open.splice(0)) one.destroy();
  }

  async postgresPid(): Promise<number> {
    const text = await readFile(join(this.data, 'postgres/data/postmaster.pid'), 'utf8').catch(() => '');
    return Number(text.split('\n')[0]) || 0;
  }

  /** Everything that a browser, a script and a broken network may leave open. */
  private async connectEverything(origin: string): Promise<void> {
    for (const text of openings(origin)) this.open.push(await openRaw(origin, text));
    const authorization = `Bearer ${(await readFile(join(this.data, 'admin-token'), 'utf8')).trim()}`;
    const client = createClient({
      url: `${origin.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization },
      lazy: false,
      retryAttempts: 0,
      onNonLazyError: () => {},
    });
    this.open.push({ destroy: () => void client.dispose() });
    await new Promise((resolve) => client.on('connected', resolve));
  }

  /** That a server which is connected to everything ends by the signal, and nothing stays. */
  async expectEndBy(signal: NodeJS.Signals): Promise<void> {
    const server = await startServer(this.data, '--no-demo');
    await this.connectEverything(server.origin);
    const begun = [...server.processes(), await this.postgresPid()];
    const [main = 0] = childrenOf(server.npm).slice(-1);
    // npm does not pass a hang-up on; a terminal sends it to everybody.
    if (signal === 'SIGHUP') process.kill(main, signal);
    else server.signal(signal);
    await server.gone;
    expect(server.output()).toContain('riftlab: stopped');
    expect(server.output()).not.toContain('takes too long');
    await waitUntil(async () => !begun.some(isAlive));
    for (const file of ['server.lock', 'postgres/data/postmaster.pid']) expect(existsSync(join(this.data, file)), file).toBe(false);
  }

  /** That a start which is told to stop once it has said this leaves nothing. */
  async expectNothingAfter(said: RegExp): Promise<void> {
    const server = spawnServer(this.data, '--no-demo');
    // Until it holds its folder nothing of it runs that could stay.
    await waitUntil(async () => existsSync(join(this.data, 'server.lock')) && said.test(server.output()));
    const begun = [...server.processes(), await this.postgresPid()];
    server.signal('SIGTERM');
    await server.gone;
    await waitUntil(async () => ![...begun, await this.postgresPid()].filter(Boolean).some(isAlive));
    expect(existsSync(join(this.data, 'server.lock'))).toBe(false);
    expect(server.output()).not.toMatch(/\n\s+at /);
  }
}

/** Gives the tests of a file a data folder of their own. */
export function openStoppingLab(): StoppingLab {
  const lab = new StoppingLab();
  beforeAll(async () => {
    lab.data = await mkdtemp(join(tmpdir(), 'riftlab-test-stop-'));
  });
  afterEach(() => lab.disconnect());
  afterAll(() => rm(lab.data, { recursive: true, force: true }));
  return lab;
}
