/** Requests that are no good GraphQL over HTTP: each gets a code in JSON, and nobody unknown costs anything. */
import { request } from 'node:http';
import { connect } from 'node:net';
import { brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLab, type TestLab } from './lab.ts';

let lab: TestLab;

beforeAll(async () => {
  lab = await startLab();
});

afterAll(() => lab.close());

interface Reply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  bytes: Buffer;
}

function send(body: string | Buffer, headers: Record<string, string> = {}, method = 'POST', path = '/graphql'): Promise<Reply> {
  const { hostname, port } = new URL(lab.address);
  const own = { 'content-type': 'application/json', authorization: `Bearer ${lab.viewer}`, ...headers };
  const kept = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== ''));
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, method, headers: kept }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes: Buffer.concat(chunks) }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const codeOf = ({ bytes }: Reply) => JSON.parse(bytes.toString()).errors[0].extensions.code;
const query = JSON.stringify({ query: '{ viewer { name } }' });

describe('a body', () => {
  it.each<[string, string | Buffer, Record<string, string>, number, string]>([
    ['of another type', query, { 'content-type': 'text/plain' }, 415, 'BAD_REQUEST'],
    ['without a type', query, { 'content-type': '' }, 415, 'BAD_REQUEST'],
    ['of a form', 'query={viewer{name}}', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'BAD_REQUEST'],
    ['in another charset', query, { 'content-type': 'application/json; charset=latin1' }, 415, 'BAD_REQUEST'],
    ['in UTF-16', Buffer.from(query, 'utf16le'), { 'content-type': 'application/json; charset=utf-16le' }, 415, 'BAD_REQUEST'],
    ['that is no UTF-8', Buffer.concat([Buffer.from('{"query":"'), Buffer.from([0xff, 0xc0]), Buffer.from('"}')]), {}, 400, 'BAD_REQUEST'],
    ['that is cut', '{"query": "{ viewer', {}, 400, 'BAD_REQUEST'],
    ['that is empty', '', {}, 400, 'BAD_REQUEST'],
    ['that is a number', '5', {}, 400, 'BAD_REQUEST'],
    ['that is a list', `[${query},${query}]`, {}, 400, 'BAD_REQUEST'],
    ['without a query', '{}', {}, 400, 'BAD_REQUEST'],
    ['that is a subscription', '{"query":"subscription { devicesUpdated { id } }"}', {}, 400, 'BAD_REQUEST'],
    ['whose query is a number', '{"query":5}', {}, 400, 'BAD_REQUEST'],
    ['whose variables are a text', '{"query":"{viewer{name}}","variables":"x"}', {}, 400, 'BAD_REQUEST'],
    ['whose variables are a list', '{"query":"{viewer{name}}","variables":[1]}', {}, 400, 'BAD_REQUEST'],
    ['whose operation is an object', '{"query":"{viewer{name}}","operationName":{}}', {}, 400, 'BAD_REQUEST'],
    ['whose extensions are a number', '{"query":"{viewer{name}}","extensions":5}', {}, 400, 'BAD_REQUEST'],
    ['that says gzip and is not', query, { 'content-encoding': 'gzip' }, 400, 'BAD_REQUEST'],
    ['in an encoding that is not read', query, { 'content-encoding': 'compress' }, 415, 'BAD_REQUEST'],
    ['that unpacks to 200 MB', gzipSync(Buffer.alloc(200_000_000, ' ')), { 'content-encoding': 'gzip' }, 413, 'LIMIT_EXCEEDED'],
    ['longer than a megabyte', `{"query":"${' '.repeat(1_100_000)}"}`, {}, 413, 'LIMIT_EXCEEDED'],
    ['with a NUL in the query', '{"query":"{ viewer { name\\u0000 } }"}', {}, 400, 'GRAPHQL_PARSE_FAILED'],
    ['with half a surrogate pair in the query', '{"query":"{ run(id: \\"\\ud83d\\") { id } }"}', {}, 400, 'GRAPHQL_PARSE_FAILED'],
  ])('%s is refused in JSON', async (_what, body, headers, status, code) => {
    const reply = await send(body, headers);
    expect(reply.headers['content-type']).toMatch(/^application\/json/);
    expect([reply.status, codeOf(reply)]).toEqual([status, code]);
  });

  it('may be compressed', async () => {
    const reply = await send(gzipSync(query), { 'content-encoding': 'gzip' });
    expect(JSON.parse(reply.bytes.toString()).data.viewer).toEqual({ name: 'viewer' });
  });
});

describe('a method', () => {
  const mutation = `/graphql?query=${encodeURIComponent('mutation { createProject(input: { name: "by GET" }) { id } }')}`;

  it.each(['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('%s is refused in JSON, and does nothing', async (method) => {
    const reply = await send('', { accept: 'application/json' }, method, mutation);
    expect([reply.status, reply.headers.allow, codeOf(reply)]).toEqual([405, 'POST', 'BAD_REQUEST']);
    expect(await lab.database.prisma.project.count()).toBe(0);
  });
});

describe('what is no request', () => {
  const raw = (text: string) =>
    new Promise<string>((resolve, reject) => {
      const { hostname, port } = new URL(lab.address);
      let answer = '';
      const socket = connect(Number(port), hostname, () => socket.write(text));
      socket.on('data', (chunk) => (answer += chunk));
      socket.on('error', reject);
      socket.on('close', () => resolve(answer));
    });

  it.each<[string, string, number, string]>([
    ['no HTTP', 'HELLO\r\n\r\n', 400, 'BAD_REQUEST'],
    ['headers of 20 KB', `GET / HTTP/1.1\r\nHost: x\r\nCookie: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'LIMIT_EXCEEDED'],
  ])('%s is answered in JSON', async (_what, text, status, code) => {
    const [head = '', body = ''] = (await raw(text)).split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(JSON.parse(body).errors[0].extensions.code).toBe(code);
  });
});

describe('who says nothing of themselves', () => {
  const costly = JSON.stringify({ query: `{ ${Array.from({ length: 400 }, (_, index) => `...f${index}`).join(' ')} }` });

  it.each<[string, string | Buffer, Record<string, string>]>([
    ['a costly query', costly, {}],
    ['introspection', '{"query":"{ __schema { types { name } } }"}', {}],
    ['a body that is no JSON', '{', {}],
    ['a gzip bomb', gzipSync(Buffer.alloc(200_000_000, ' ')), { 'content-encoding': 'gzip' }],
    ['66,000 keys of an order', JSON.stringify({ query: '{ x }', variables: { orderBy: Array(60_000).fill({ by: 'a' }) } }), {}],
  ])('is refused before %s is read', async (_what, body, headers) => {
    const operations = async () =>
      /^riftlab_graphql_operations_total.* (\d+)$/m.exec(await (await fetch(`${lab.address}/metrics`)).text())?.[1];
    const before = await operations();
    const reply = await send(body, { authorization: '', ...headers });
    expect([reply.status, codeOf(reply)]).toEqual([401, 'UNAUTHENTICATED']);
    expect(await operations()).toBe(before);
  });

  it('is led to sign-in instead of GraphiQL', async () => {
    const reply = await send('', { authorization: '', accept: 'text/html' }, 'GET');
    expect([reply.status, reply.headers.location]).toEqual([303, '/sign-in?next=/graphql']);
    expect(reply.bytes.length).toBeLessThan(1000);
  });
});

describe('GraphiQL', () => {
  it('is compressed, and not sent again to whoever has it', async () => {
    const open = (headers: Record<string, string>) => send('', { accept: 'text/html', ...headers }, 'GET');
    const plain = await open({});
    expect(plain.headers['content-type']).toContain('text/html');
    expect(plain.bytes.toString()).toContain('RiftLab API');
    expect(plain.bytes.toString()).not.toMatch(/<(script|link|img)[^>]+(src|href)="https?:/);
    const [br, gzip] = [await open({ 'accept-encoding': 'gzip, br' }), await open({ 'accept-encoding': 'gzip' })];
    expect([br.headers['content-encoding'], gzip.headers['content-encoding']]).toEqual(['br', 'gzip']);
    expect(brotliDecompressSync(br.bytes).equals(plain.bytes)).toBe(true);
    expect(gunzipSync(gzip.bytes).equals(plain.bytes)).toBe(true);
    expect(br.bytes.length).toBeLessThan(plain.bytes.length / 3);
    const again = await open({ 'if-none-match': String(plain.headers.etag) });
    expect([again.status, again.bytes.length]).toEqual([304, 0]);
  });
});

describe('a refusal', () => {
  const none = { authorization: '' };
  const wrong = { authorization: 'Bearer nobody' };
  it.each<[string, string, Record<string, string>, number, string]>([
    ['GET', '/api/checkpoints/Checkpoint-1', none, 401, 'UNAUTHENTICATED'],
    ['GET', '/api/checkpoints/Checkpoint-1', wrong, 401, 'UNAUTHENTICATED'],
    ['GET', '/api/checkpoints/Checkpoint-1', {}, 404, 'NOT_FOUND'],
    ['PUT', '/api/uploads', none, 401, 'UNAUTHENTICATED'],
    ['PUT', '/api/uploads', wrong, 401, 'UNAUTHENTICATED'],
    ['PUT', '/api/uploads', {}, 403, 'FORBIDDEN'],
    ['PATCH', '/api/uploads', {}, 405, 'BAD_REQUEST'],
    ['GET', '/api/uploads/Upload-1', {}, 403, 'FORBIDDEN'],
    ['POST', '/api/auth/nowhere', {}, 404, 'NOT_FOUND'],
    ['POST', '/api/auth/set-password', {}, 400, 'BAD_USER_INPUT'],
    ['PUT', '/api/uploads', { origin: 'https://other.example' }, 403, 'FORBIDDEN'],
    ['GET', '/metrics', { ...none, via: '1.1 proxy' }, 401, 'UNAUTHENTICATED'],
    ['GET', '/metrics', { ...wrong, via: '1.1 proxy' }, 401, 'UNAUTHENTICATED'],
  ])('of %s %s with %j has one form', async (method, path, headers, status, code) => {
    const reply = await send(method === 'GET' ? '' : '{}', headers, method, path);
    expect(reply.status).toBe(status);
    const answer = JSON.parse(reply.bytes.toString());
    expect(answer).toEqual({ message: expect.any(String), code, errors: [{ message: answer.message, extensions: { code } }] });
  });

  it('of GraphQL has the keys of GraphQL alone', async () => {
    for (const headers of [none, wrong, { origin: 'https://other.example' }]) {
      const reply = await send(query, headers);
      expect(Object.keys(JSON.parse(reply.bytes.toString()))).toEqual(['errors']);
    }
  });
});
