/** `npm start` is told to stop: whatever is connected, whatever hangs, and however early it comes. Nothing may stay behind. */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'graphql-ws';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { waitUntil } from '../../helpers/runs.ts';
import { type StartingServer, spawnServer, startServer } from '../../helpers/server.ts';
import { childrenOf, commandOf, isAlive } from '../../helpers/worker.ts';

let data: string;
const open: { destroy(): void }[] = [];

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'riftlab-test-stop-'));
});
afterEach(() => {
  for (const one of open.splice(0)) one.destroy();
});
afterAll(() => rm(data, { recursive: true, force: true }));

async function postgresPid(): Promise<number> {
  const text = await readFile(join(data, 'postgres/data/postmaster.pid'), 'utf8').catch(() => '');
  return Number(text.split('\n')[0]) || 0;
}

/** A connection of the client's own making: it never reads, and never closes. */
async function openRaw(origin: string, text: string): Promise<Socket> {
  const { hostname, port } = new URL(origin);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  open.push(socket);
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
  const authorization = `Bearer ${(await readFile(join(data, 'admin-token'), 'utf8')).trim()}`;
  const client = createClient({
    url: `${origin.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization },
    lazy: false,
    retryAttempts: 0,
    onNonLazyError: () => {},
  });
  open.push({ destroy: () => void client.dispose() });
  await new Promise((resolve) => client.on('connected', resolve));
}

const workersOf = (server: StartingServer) => server.processes().filter((pid) => /server\/worker/.test(commandOf(pid)));

describe('a server that is told to stop', () => {
  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('by %s ends whatever is connected', async (signal) => {
    const server = await startServer(data, '--no-demo');
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
    for (const file of ['server.lock', 'postgres/data/postmaster.pid']) expect(existsSync(join(data, file)), file).toBe(false);
  });

  it('hurries on a second Ctrl-C, and leaves neither Postgres nor a worker that hangs', async () => {
    const server = await startServer(data, '--no-demo');
    const begun = [...server.processes(), await postgresPid()];
    for (const pid of [...workersOf(server), await postgresPid()]) process.kill(pid, 'SIGSTOP');
    server.signal('SIGINT');
    await waitUntil(async () => server.output().includes('riftlab: stopping'));
    // Within a second it is the first one again, which npm passes on.
    const hurry = setInterval(() => server.signal('SIGINT'), 500);
    await server.gone;
    clearInterval(hurry);
    expect(server.output()).toContain('riftlab: stopped');
    await waitUntil(async () => !begun.some(isAlive));
    expect(existsSync(join(data, 'server.lock'))).toBe(false);
  });

  it('ends although everything hangs and nobody asks again', async () => {
    const server = await startServer(data, '--no-demo');
    const begun = [...server.processes(), await postgresPid()];
    for (const pid of [...workersOf(server), await postgresPid()]) process.kill(pid, 'SIGSTOP');
    await server.end('SIGTERM');
    expect(server.output()).toContain('riftlab: stopped');
    await waitUntil(async () => !begun.some(isAlive));
  });

  it.each([
    ['while Postgres is made', /^/],
    ['while Postgres starts', /^/],
    ['after Postgres', /postgres ready/],
    ['after the tables', /tables ready/],
    ['after the API', /API ready/],
    ['as soon as it is ready', /ready after/],
  ])('%s leaves nothing', async (when, said) => {
    if (when === 'while Postgres is made') await rm(data, { recursive: true, force: true });
    const server = spawnServer(data, '--no-demo');
    // Until it holds its folder nothing of it runs that could stay.
    await waitUntil(async () => existsSync(join(data, 'server.lock')) && said.test(server.output()));
    const begun = [...server.processes(), await postgresPid()];
    server.signal('SIGTERM');
    await server.gone;
    await waitUntil(async () => ![...begun, await postgresPid()].filter(Boolean).some(isAlive));
    expect(existsSync(join(data, 'server.lock'))).toBe(false);
    expect(server.output()).not.toMatch(/\n\s+at /);
  });
});
