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

/** A data folder for the tests of a file, and what is held open to its servers; `data` once the tests run. */
const held = { data: '', open: [] as { destroy(): void }[] };

/** Gives the tests of a file a data folder of their own. */
export function openStoppingLab(): { readonly data: string } {
  beforeAll(async () => {
    held.data = await mkdtemp(join(tmpdir(), 'riftlab-test-stop-'));
  });
  afterEach(() => {
    for (const one of held.open.splice(0)) one.destroy();
  });
  afterAll(() => rm(held.data, { recursive: true, force: true }));
  return held;
}

export async function postgresPid(): Promise<number> {
  const text = await readFile(join(held.data, 'postgres/data/postmaster.pid'), 'utf8').catch(() => '');
  return Number(text.split('\n')[0]) || 0;
}

/** A connection of the client's own making: it never reads, and never closes. */
async function openRaw(origin: string, text: string): Promise<Socket> {
  const { hostname, port } = new URL(origin);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  held.open.push(socket);
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('connect', resolve));
  socket.pause();
  socket.write(text);
  return socket;
}

/** Everything that a browser, a script and a broken network may leave open. */
async function connectEverything(origin: string): Promise<void> {
  const host = `Host: ${new URL(origin).host}`;
  await openRaw(origin, '');
  await openRaw(origin, `GET /healthz HTTP/1.1\r\n${host}\r\nConnection: keep-alive\r\n\r\n`);
  await openRaw(origin, `POST /graphql HTTP/1.1\r\n${host}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"query":`);
  await openRaw(origin, `GET /graphql HTTP/1.1\r\n${host}\r\nAccept: text/html\r\n\r\n`.repeat(20));
  await openRaw(
    origin,
    `GET /graphql HTTP/1.1\r\n${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n`,
  );
  const authorization = `Bearer ${(await readFile(join(held.data, 'admin-token'), 'utf8')).trim()}`;
  const client = createClient({
    url: `${origin.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization },
    lazy: false,
    retryAttempts: 0,
    onNonLazyError: () => {},
  });
  held.open.push({ destroy: () => void client.dispose() });
  await new Promise((resolve) => client.on('connected', resolve));
}

export const workersOf = (server: StartingServer) => server.processes().filter((pid) => /server\/worker/.test(commandOf(pid)));

/** That a server which is connected to everything ends by the signal, and nothing stays. */
export async function expectEndBy(signal: NodeJS.Signals): Promise<void> {
  const server = await startServer(held.data, '--no-demo');
  await connectEverything(server.origin);
  const begun = [...server.processes(), await postgresPid()];
  const [main = 0] = childrenOf(server.npm).slice(-1);
  // npm does not pass a hang-up on; a terminal sends it to everybody.
  if (signal === 'SIGHUP') process.kill(main, signal);
  else server.signal(signal);
  await server.gone;
  expect(server.output()).toContain('riftlab: stopped');
  expect(server.output()).not.toContain('takes too long');
  await waitUntil(async () => !begun.some(isAlive));
  for (const file of ['server.lock', 'postgres/data/postmaster.pid']) expect(existsSync(join(held.data, file)), file).toBe(false);
}

/** That a start which is told to stop once it has said this leaves nothing. */
export async function expectNothingAfter(said: RegExp): Promise<void> {
  const server = spawnServer(held.data, '--no-demo');
  // Until it holds its folder nothing of it runs that could stay.
  await waitUntil(async () => existsSync(join(held.data, 'server.lock')) && said.test(server.output()));
  const begun = [...server.processes(), await postgresPid()];
  server.signal('SIGTERM');
  await server.gone;
  await waitUntil(async () => ![...begun, await postgresPid()].filter(Boolean).some(isAlive));
  expect(existsSync(join(held.data, 'server.lock'))).toBe(false);
  expect(server.output()).not.toMatch(/\n\s+at /);
}
