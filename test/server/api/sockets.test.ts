/** Sockets of clients that ask for the wrong thing, too much, or nothing at all. */
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { waitUntil } from '../../helpers/runs.ts';
import { startLab, type TestLab } from './lab.ts';
import { addRun } from './records.ts';

let lab: TestLab;

beforeAll(async () => {
  lab = await startLab();
});

afterAll(() => lab.close());

const until = (isTrue: () => boolean) => waitUntil(async () => isTrue());

const upgrade = (path: string, more: string[] = [], method = 'GET') =>
  [
    `${method} ${path} HTTP/1.1`,
    `Host: ${new URL(lab.address).host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...more,
    '',
    '',
  ].join('\r\n');

interface Raw {
  socket: Socket;
  text(): string;
  isClosed(): boolean;
}

/** A connection whose end this side never closes by itself. */
function raw(head: string): Raw {
  const { hostname, port } = new URL(lab.address);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  let text = '';
  let closed = false;
  socket.on('data', (chunk) => {
    text += chunk.toString();
  });
  socket.on('end', () => {
    closed = true;
  });
  socket.on('error', () => {
    closed = true;
  });
  socket.write(head);
  return { socket, text: () => text, isClosed: () => closed };
}

/** Connections of the server's port that this process holds and the kernel calls so. */
function connectionsIn(state: 'CLOSE_WAIT' | 'ESTABLISHED'): number {
  const port = Number(new URL(lab.address).port).toString(16).toUpperCase().padStart(4, '0');
  const code = { CLOSE_WAIT: '08', ESTABLISHED: '01' }[state];
  const rows = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => readFileSync(file, 'utf8').split('\n').slice(1));
  return rows.map((row) => row.trim().split(/\s+/)).filter(([, local = '', , one]) => local.endsWith(`:${port}`) && one === code).length;
}

const isHealthy = async () => (await fetch(`${lab.address}/healthz`)).ok;

describe('an upgrade', () => {
  it.each([
    ['another path', '/', [], 'GET', 404],
    ['a path that is none', '//', [], 'GET', 404],
    ['an address in the path', 'http://[/', [], 'GET', 404],
    ['a longer path', '/graphql/more', [], 'GET', 404],
    ['the path of a page', '/_next/webpack-hmr', [], 'GET', 404],
    ['another method', '/graphql', [], 'POST', 405],
    ['another version', '/graphql', ['Sec-WebSocket-Version: 99'], 'GET', 400],
    ['a foreign page', '/graphql', ['Origin: https://example.com'], 'GET', 403],
  ] as const)('for %s is answered, and its connection ended', async (_, path, more, method, status) => {
    const one = raw(upgrade(path, [...more], method));
    await until(one.isClosed);
    expect(one.text()).toContain(`HTTP/1.1 ${status} `);
    one.socket.destroy();
  });

  it('to another protocol is answered', async () => {
    const one = raw(upgrade('/graphql').replace('Upgrade: websocket', 'Upgrade: h2c'));
    await until(one.isClosed);
    expect(one.text()).toContain('HTTP/1.1 404 ');
    one.socket.destroy();
  });

  it('leaves nothing open, three hundred times, whether the client closes its end or not', async () => {
    const many = Array.from({ length: 300 }, (_, index) => {
      const one = raw(
        upgrade(['/', '//', '/runs', '/graphql?x'][index % 4] as string, index % 4 === 3 ? ['Origin: https://example.com'] : []),
      );
      if (index % 2) one.socket.end();
      return one;
    });
    await until(() => many.every(({ isClosed }) => isClosed()));
    await until(() => connectionsIn('CLOSE_WAIT') === 0);
    expect(await isHealthy()).toBe(true);
    for (const { socket } of many) socket.destroy();
  });
});

describe('sockets that never say who they are', () => {
  it('are limited for an address, and others are still served', async () => {
    const many = Array.from({ length: 80 }, () => raw(upgrade('/graphql', ['Sec-WebSocket-Protocol: graphql-transport-ws'])));
    await until(() => many.every(({ text }) => text().includes('\r\n\r\n')));
    const statuses = many.map(({ text }) => text().slice(9, 12));
    expect(statuses.filter((status) => status === '101')).toHaveLength(50);
    expect(statuses.filter((status) => status === '429')).toHaveLength(30);
    expect(await isHealthy()).toBe(true);
    expect((await lab.ask('{ viewer { name } }')).data.viewer.name).toBeTruthy();
    for (const { socket } of many) socket.destroy();
    await until(() => connectionsIn('ESTABLISHED') <= 4);
  });

  it('are closed after a while', async () => {
    const socket = new WebSocket(`${lab.address.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    const code = await new Promise<number>((resolve) => socket.on('close', resolve));
    expect(code).toBe(4408);
  });
});

describe('five hundred subscriptions at once', () => {
  it('are served up to the limit, and only those above it refused', async () => {
    const run = await addRun(lab.database, { name: 'watched by many' });
    const client = lab.connect(lab.viewer);
    let served = 0;
    const refused: string[] = [];
    const query = 'subscription ($id: ID!) { runUpdated(id: $id) { ... on RunSnapshot { run { name } } } }';
    const subscribe = () =>
      client.subscribe<Record<string, unknown>>(
        { query, variables: { id: `Run-${run}` } },
        {
          next: ({ data }) => void (data && served++),
          error: (errors) => refused.push(...(errors as { extensions: { code: string } }[]).map(({ extensions }) => extensions.code)),
          complete: () => {},
        },
      );
    const stops = Array.from({ length: 500 }, subscribe);
    await until(() => served + refused.length === 500);
    expect(served).toBe(100);
    expect(new Set(refused)).toEqual(new Set(['LIMIT_EXCEEDED']));
    stops[0]?.();
    subscribe();
    await until(() => served === 101);
    await client.dispose();
  });
});
