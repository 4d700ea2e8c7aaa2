/** Connections of clients that do not speak HTTP as it is meant: two requests in one, no end, strange methods and addresses. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLab, type TestLab } from './lab.ts';
import { answersTo, lines, open, untilClosed } from './raw.ts';

let lab: TestLab;

beforeAll(async () => {
  lab = await startLab();
});

afterAll(() => lab.close());

const close = 'Connection: close';
const query = '{"query":"{ viewer { name } }"}';
const json = ['Content-Type: application/json'];
const ask = (first: string, headers: string[] = [], body = '') => answersTo(lab.address, lines(lab.address, first, headers, body));
const isWell = async () => expect((await fetch(`${lab.address}/healthz`)).status).toBe(200);

describe('two requests in one', () => {
  /** What would be a request of its own for a server that reads the first one's length in another way. */
  const hidden = lines('http://127.0.0.1:1', 'GET /healthz HTTP/1.1', ['X-Hidden: yes']);
  const chunked = `0\r\n\r\n${hidden}`;

  it.each<[string, string[], string]>([
    ['both a length and chunks', [`Content-Length: ${chunked.length}`, 'Transfer-Encoding: chunked'], chunked],
    ['chunks and then a length', ['Transfer-Encoding: chunked', 'Content-Length: 4'], chunked],
    ['two lengths', ['Content-Length: 0', `Content-Length: ${hidden.length}`], hidden],
    ['a list of lengths', [`Content-Length: 0, ${hidden.length}`], hidden],
    ['a length with a sign', ['Content-Length: +31'], query],
    ['a negative length', ['Content-Length: -1'], query],
    ['a length in hex', ['Content-Length: 0x1f'], query],
    ['an unknown encoding of transfer', ['Transfer-Encoding: xchunked'], chunked],
    ['chunks named twice', ['Transfer-Encoding: chunked, chunked'], chunked],
    ['chunks before another encoding', ['Transfer-Encoding: chunked, identity'], chunked],
    ['a space before the colon', ['Transfer-Encoding : chunked'], chunked],
    ['a folded header', ['X-Folded: a', ' Transfer-Encoding: chunked'], chunked],
    ['a NUL in a header', ['X-Nul: a\0b'], ''],
    ['a lone line feed in a header', ['X-Split: a\rb'], ''],
    ['a chunk of a negative size', ['Transfer-Encoding: chunked'], `-1\r\n${query}\r\n0\r\n\r\n`],
    ['a chunk of an endless size', ['Transfer-Encoding: chunked'], `ffffffffffffffffffff\r\n${query}`],
  ])('by %s are refused, and the connection ended', async (_what, headers, body) => {
    const answers = await ask('POST /graphql HTTP/1.1', [...json, ...headers], body);
    expect(answers.filter(({ status }) => status < 400)).toEqual([]);
    expect(answers.at(-1)?.status).toBe(400);
    expect(answers.some(({ body: said }) => said.includes('"ok"'))).toBe(false);
  });
});

describe('a method', () => {
  it.each(['TRACE', 'PROPFIND', 'PURGE', 'DELETE', 'PUT', 'PATCH', 'OPTIONS'])('%s gets nothing and echoes nothing', async (method) => {
    for (const path of ['/graphql', '/api/checkpoints/Checkpoint-1', '/api/auth/get-session', '/metrics', '/nowhere']) {
      const [answer] = await ask(`${method} ${path} HTTP/1.1`, [close, 'Cookie: secret=of-the-request', 'Content-Length: 0']);
      if (method !== 'OPTIONS') expect(answer?.status, path).toBeGreaterThanOrEqual(400);
      expect(answer?.body, path).not.toContain('of-the-request');
      expect(answer?.head, path).not.toMatch(/access-control-allow/i);
    }
  });

  it.each(['CONNECT example.org:443', 'GRAB /', 'get /', 'GET'])('%s is no way through', async (first) => {
    const answers = await ask(`${first} HTTP/1.1`, [close]);
    expect(answers.filter(({ status }) => status < 400)).toEqual([]);
    await isWell();
  });

  it('of an older or newer HTTP is not taken for this one', async () => {
    for (const version of ['HTTP/3.0', 'HTTP/9.9', 'HTTP/1.1.1', 'ICY/1.1']) {
      expect(
        (await ask(`GET /healthz ${version}`, [close])).map(({ status }) => status),
        version,
      ).toEqual([400]);
    }
    expect(await answersTo(lab.address, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')).toMatchObject([{ status: 400 }]);
  });
});

describe('an address', () => {
  it.each<[string, string, number]>([
    ['of 15 KB', `/${'a'.repeat(15_000)}`, 404],
    ['of 20 KB', `/${'a'.repeat(20_000)}`, 431],
    ['with ten thousand parameters', `/metrics?${'a&'.repeat(7000)}`, 200],
    ['with deep parameters', `/metrics?a${'[b]'.repeat(3000)}=1`, 200],
    ['of another server', 'http://example.org/healthz', 200],
    ['with a broken escape', '/api/checkpoints/%E0%A4%A', 400],
    ['with an escape of no UTF-8', '/api/checkpoints/%ff%fe', 400],
    ['with an escaped NUL', '/api/checkpoints/%00', 401],
    ['that is a star', '*', 404],
    ['of two slashes', '//', 404],
    ['that names a prototype', '/__proto__/constructor', 404],
  ])('%s is answered without harm', async (_what, path, status) => {
    const [answer] = await ask(`GET ${path} HTTP/1.1`, [close]);
    expect(answer?.status).toBe(status);
    expect(answer?.body).not.toMatch(/node_modules|at .*\(.*:\d+:\d+\)/);
    await isWell();
  });
});

describe('headers', () => {
  it.each<[string, string[], number]>([
    ['two hundred kinds', Array.from({ length: 200 }, (_, index) => `X-${index}: ${index}`), 200],
    ['more than 16 KiB', Array.from({ length: 2000 }, (_, index) => `X-${index}: ${'x'.repeat(20)}`), 431],
    ['four hundred cookies', [`Cookie: ${Array.from({ length: 400 }, (_, index) => `c${index}=${index}`).join('; ')}`], 200],
    ['a cookie of 15 KB', [`Cookie: riftlab=${'x'.repeat(15_000)}`], 200],
    ['cookies that are none', ['Cookie: ;;;=;a;=b;"', 'Cookie: \x80\x81'], 200],
  ])('of %s are answered', async (_what, headers, status) => {
    expect((await ask('GET /healthz HTTP/1.1', [close, ...headers])).map((answer) => answer.status)).toEqual([status]);
    await isWell();
  });

  it('without Host are refused', async () => {
    expect(await answersTo(lab.address, `GET /healthz HTTP/1.1\r\n${close}\r\n\r\n`)).toMatchObject([{ status: 400 }]);
    expect(await ask('GET /healthz HTTP/1.1', [close, 'Host: 127.0.0.1', 'Host: example.org'])).toMatchObject([{ status: 403 }]);
  });
});

describe('a client that keeps the server waiting', () => {
  it('is let go, whether it sends no head, no end of the head, or no end of the body, and others are served meanwhile', async () => {
    const head = lines(lab.address, 'POST /graphql HTTP/1.1', [...json, `Authorization: Bearer ${lab.viewer}`, 'Content-Length: 1000']);
    const began = Date.now();
    const sent = ['', 'GET / HTTP/1.1\r\nX-', `${head}{"query"`];
    const sockets = await Promise.all(sent.flatMap((text) => Array.from({ length: 20 }, () => open(lab.address, text))));
    const trickle = setInterval(() => {
      for (const socket of sockets.slice(20)) if (socket.writable) socket.write('a');
    }, 500);
    const ended = Promise.all(sockets.map(untilClosed));
    await isWell();
    expect((await lab.ask('{ viewer { name } }')).data.viewer.name).toBe('Admin');
    const said = await ended;
    clearInterval(trickle);
    expect(Date.now() - began).toBeGreaterThan(10_000);
    for (const text of said.slice(20)) expect(text).toMatch(/^(HTTP\/1\.1 408 |$)/);
  });
});

describe('an answer', () => {
  it('says nothing about what made it', async () => {
    for (const path of ['/healthz', '/readyz', '/nowhere', '/api/checkpoints/x', '/graphql']) {
      const { headers } = await fetch(lab.address + path, { redirect: 'manual' });
      for (const name of ['x-powered-by', 'server', 'via', 'x-runtime']) expect(headers.get(name), `${path} ${name}`).toBeNull();
    }
  });

  it('forbids the browser everything that it does not need', async () => {
    for (const path of ['/healthz', '/readyz', '/metrics', '/api/checkpoints/x', '/api/auth/get-session', '/graphql']) {
      const { headers } = await fetch(lab.address + path, { redirect: 'manual' });
      expect(Object.fromEntries(headers), path).toMatchObject({
        'content-security-policy': "default-src 'none'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'",
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'permissions-policy': expect.stringContaining('camera=()'),
        'referrer-policy': 'same-origin',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'cache-control': expect.stringContaining('no-store'),
      });
      expect(headers.has('strict-transport-security'), path).toBe(false);
    }
  });

  it('tells browsers to stay with https where that is what the lab is called by', async () => {
    for (const [publicUrl, expected] of [
      ['https://lab.example.org', 'max-age=31536000'],
      ['http://lab.example.org', null],
    ] as const) {
      const outside = await startLab({ reach: { publicUrl: new URL(publicUrl) } });
      const { headers } = await fetch(`${outside.address}/healthz`);
      expect(headers.get('strict-transport-security')).toBe(expected);
      expect((await fetch(`${outside.address}/metrics`)).status).toBe(401);
      await outside.close();
    }
  });

  it('to an unexpected fault shows an id, and leaves the rest to the log', async () => {
    await lab.database.prisma.$executeRaw`ALTER TABLE "Checkpoint" RENAME TO "CheckpointGone"`;
    const response = await fetch(`${lab.address}/api/checkpoints/Checkpoint-1`, { headers: { authorization: `Bearer ${lab.viewer}` } });
    await lab.database.prisma.$executeRaw`ALTER TABLE "CheckpointGone" RENAME TO "Checkpoint"`;
    const { errors } = (await response.json()) as { errors: { message: string; extensions: { code: string; id: string } }[] };
    expect([response.status, errors[0]?.extensions.code]).toEqual([500, 'INTERNAL_SERVER_ERROR']);
    expect(JSON.stringify(errors)).not.toMatch(/prisma|Checkpoint|\.ts/i);
    expect(lab.logged.some(({ id }) => id === errors[0]?.extensions.id)).toBe(true);
  });
});
