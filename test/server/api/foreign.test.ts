/** What pages of other sites make a signed-in person's browser send: by names, origins, forms, sockets and reads. */
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startLab, type TestLab } from './lab.ts';
import { answersTo, lines } from './raw.ts';
import { signInOnce } from './sign-in.ts';

let lab: TestLab;
let cookie: string;

beforeAll(async () => {
  lab = await startLab();
  cookie = await signInOnce(lab);
});

afterAll(() => lab.close());

interface Reply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

function send(method: string, path: string, headers: Record<string, string>, body = ''): Promise<Reply> {
  const { hostname, port } = new URL(lab.address);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString() }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const mutation = '{"query":"mutation { createProject(input: { name: \\"foreign\\" }) { id } }"}';
const json = { 'content-type': 'application/json' };
const projects = () => lab.database.prisma.project.count();

describe('a name that is not this server’s', () => {
  it.each([
    'rebound.example.com',
    'localhost.example.com',
    '127.0.0.1.example.com',
    'xn--localhost-.example.com',
    'localhost@example.com',
    '127.0.0.1@example.com',
    'example.com#localhost',
    'example.com/localhost',
    'localhost%2eexample.com',
    'localhost example.com',
    'lоcalhost',
    '127.0.0.1,example.com',
    'http://localhost',
    '.',
    '',
  ])('in Host is refused: %s', async (host) => {
    const first = 'POST /graphql HTTP/1.1';
    const headers = [
      `Host: ${Buffer.from(host).toString('latin1')}`,
      'Connection: close',
      `Authorization: Bearer ${lab.admin}`,
      'Content-Type: application/json',
    ];
    const text = lines(lab.address, first, [...headers, `Content-Length: ${mutation.length}`], mutation);
    const [answer] = await answersTo(lab.address, text);
    expect([400, 403]).toContain(answer?.status);
    expect(await projects()).toBe(0);
  });

  it('in headers that proxies write does not stand for Host', async () => {
    for (const name of ['x-forwarded-host', 'x-host', 'forwarded', 'x-original-host']) {
      const value = name === 'forwarded' ? 'host=evil.example' : 'evil.example';
      const { data } = JSON.parse(
        (
          await send(
            'POST',
            '/graphql',
            { ...json, authorization: `Bearer ${lab.admin}`, [name]: value },
            '{"query":"mutation { inviteUser(email: \\"h@example.org\\", name: \\"H\\") { address } }"}',
          )
        ).body,
      );
      if (data?.inviteUser) expect(data.inviteUser.address, name).not.toContain('evil');
    }
    expect((await lab.ask('mutation { inviteUser(email: "i@example.org", name: "I") { address } }')).data.inviteUser.address).toContain(
      lab.address,
    );
  });
});

describe('another origin', () => {
  const { stringify } = JSON;
  const origins = () => {
    const { port } = new URL(lab.address);
    return [
      'https://evil.example',
      'null',
      `http://localhost:${port}`,
      `http://127.0.0.1:${Number(port) + 1}`,
      'http://127.0.0.1',
      `http://127.0.0.1:${port}.evil.example`,
      `http://127.0.0.1:${port}@evil.example`,
      `http://evil.example#${lab.address}`,
      'file://',
      'chrome-extension://abcdefghijklmnop',
      '',
      `${lab.address}, https://evil.example`,
    ];
  };

  it('changes nothing in a signed-in person’s name', async () => {
    for (const origin of origins()) {
      const { status, headers } = await send('POST', '/graphql', { ...json, cookie, origin }, mutation);
      expect(status, stringify(origin)).toBe(403);
      expect(
        Object.keys(headers).filter((name) => name.startsWith('access-control')),
        origin,
      ).toEqual([]);
    }
    expect(await projects()).toBe(0);
  });

  it('changes no password, signs nobody in and nobody out', async () => {
    const paths: [string, object][] = [
      ['/api/auth/set-password', { newPassword: 'a password of the attacker' }],
      ['/api/auth/change-password', { newPassword: 'a password of the attacker', currentPassword: 'x' }],
      ['/api/auth/sign-out', {}],
      ['/api/auth/sign-in/email', { email: 'attacker@example.org', password: 'a password of the attacker' }],
      ['/api/auth/update-user', { name: 'attacker' }],
    ];
    for (const [path, body] of paths) {
      const foreign: Record<string, string>[] = [
        { origin: 'https://evil.example' },
        { origin: 'null' },
        { 'sec-fetch-site': 'cross-site' },
      ];
      for (const headers of foreign) {
        const reply = await send('POST', path, { ...json, cookie, ...headers }, stringify(body));
        expect(reply.status, path).toBe(403);
        expect(reply.headers['set-cookie'], path).toBeUndefined();
      }
    }
    const viewer = await send('POST', '/graphql', { ...json, cookie, origin: lab.address }, '{"query":"{ viewer { name } }"}');
    expect(JSON.parse(viewer.body).data.viewer.name).toBe('Admin');
  });

  it('opens no socket', async () => {
    for (const origin of origins()) {
      const outcome = await new Promise<string>((resolve) => {
        const socket = new WebSocket(`${lab.address.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
          headers: { cookie, origin },
        });
        socket.on('unexpected-response', (_request, response) => resolve(String(response.statusCode)));
        socket.on('open', () => resolve('open'));
        socket.on('error', (error) => resolve(error.message));
      });
      expect(outcome, origin).toBe('403');
    }
  });

  it('reads nothing: no answer says that it may', async () => {
    for (const path of ['/healthz', '/metrics', '/graphql', '/api/checkpoints/Checkpoint-1', '/api/auth/get-session']) {
      const { headers } = await send('GET', path, { cookie, origin: 'https://evil.example' });
      expect(
        Object.keys(headers).filter((name) => name.startsWith('access-control')),
        path,
      ).toEqual([]);
      expect(headers['cross-origin-resource-policy'], path).toBe('same-origin');
      const preflight = await send('OPTIONS', path, {
        origin: 'https://evil.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization, content-type',
      });
      expect(
        Object.keys(preflight.headers).filter((name) => name.startsWith('access-control')),
        path,
      ).toEqual([]);
    }
  });
});

describe('a form', () => {
  const types = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/plain; application/json', ''];

  it('that a browser sends without asking first is no GraphQL, even where no header says where it comes from', async () => {
    for (const type of types) {
      for (const body of [
        mutation,
        `${mutation.slice(0, -1)},"a":"=`,
        `query=${encodeURIComponent('mutation { createProject(input: { name: "x" }) { id } }')}`,
      ]) {
        const headers: Record<string, string> = type ? { cookie, 'content-type': type } : { cookie };
        expect((await send('POST', '/graphql', headers, body)).status, type).toBe(415);
      }
    }
    expect(await projects()).toBe(0);
  });

  it('sets no password and signs nobody in', async () => {
    for (const type of types.filter(Boolean)) {
      const body = '{"newPassword":"a password of the attacker","email":"admin@riftlab.local","password":"a password of the attacker"}';
      for (const path of ['/api/auth/set-password', '/api/auth/sign-in/email']) {
        const reply = await send(
          'POST',
          path,
          { cookie, 'content-type': type, 'sec-fetch-site': 'same-site', origin: 'http://127.0.0.1:1' },
          body,
        );
        expect(reply.status, `${path} ${type}`).toBeGreaterThanOrEqual(400);
        expect(reply.headers['set-cookie']).toBeUndefined();
      }
    }
    expect(await lab.database.prisma.account.count({ where: { password: { not: null } } })).toBe(0);
  });
});
