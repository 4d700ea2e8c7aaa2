/** How people get in: one-time addresses, passwords, and what of better-auth is not mounted. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { destinationOf } from '../../../server/http/destination.ts';
import { destinationOf as destinationInPage } from '../../../web/lib/destination.ts';
import { startLab, type TestLab } from './lab.ts';
import { cookieOf, cookiesOf, post, send, signInOnce, spend, viewerOf } from './sign-in.ts';

let lab: TestLab;

beforeAll(async () => {
  lab = await startLab();
});

afterAll(() => lab.close());

const pathOf = (address: string) => new URL(address).pathname + new URL(address).search;
const works = async (address: string) => (await spend(lab, address)).headers['set-cookie'] !== undefined;

async function invite(email: string, name = 'Ada', role = 'MEMBER') {
  const { data, errors } = await lab.ask(
    'mutation ($email: String!, $name: String!, $role: Role!) { inviteUser(email: $email, name: $name, role: $role) { address expiresAt user { id name email role active } } }',
    { email, name, role },
  );
  expect(errors).toEqual([]);
  return data.inviteUser;
}

describe('a one-time address', () => {
  it.each([
    ['GET', {}],
    ['HEAD', {}],
    ['GET', { 'sec-purpose': 'prefetch' }],
    ['GET', { 'user-agent': 'Slackbot-LinkExpanding 1.0' }],
  ] as const)('is not spent by %s with %j', async (method, headers) => {
    const address = await lab.signInAddress();
    for (let time = 0; time < 2; time++) {
      const seen = await send(lab, pathOf(address), { method, headers });
      expect(seen.status).toBe(200);
      expect(cookiesOf(seen)).toEqual([]);
      if (method === 'GET') expect(seen.text).toContain('<form method="post">');
    }
    expect(await works(address)).toBe(true);
  });

  it('works once, by its button', async () => {
    const address = await lab.signInAddress();
    const first = await spend(lab, address);
    expect([first.status, first.headers.location]).toEqual([303, '/']);
    expect(cookiesOf(first).join()).toMatch(/HttpOnly/i);
    expect(cookiesOf(first).join()).toMatch(/SameSite=Lax/i);
    const again = await spend(lab, address);
    expect([again.status, again.headers.location]).toEqual([303, '/sign-in?expired']);
    expect(cookiesOf(again)).toEqual([]);
    expect((await send(lab, pathOf(address))).headers.location).toBe('/sign-in?expired');
  });

  it('signs nobody in for a page of another site, and is not spent by it', async () => {
    const address = await lab.signInAddress();
    const attempts: Record<string, string>[] = [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ];
    for (const headers of attempts) {
      const refused = await send(lab, pathOf(address), { method: 'POST', headers });
      expect([refused.status, cookiesOf(refused)]).toEqual([403, []]);
    }
    expect(await works(address)).toBe(true);
  });

  it('that is used leads a signed-in person to where they were going, and others to a hint', async () => {
    const address = await lab.signInAddress();
    const cookie = await signInOnce(lab, address);
    const next = `&next=${encodeURIComponent('/runs/Run-1?tab=log')}`;
    for (const method of ['GET', 'POST']) {
      const onwards = await send(lab, pathOf(address) + next, { method, headers: { cookie } });
      expect([onwards.status, onwards.headers.location]).toEqual([303, '/runs/Run-1?tab=log']);
      const away = await send(lab, `${pathOf(address)}&next=${encodeURIComponent('//evil.example')}`, { method, headers: { cookie } });
      expect(away.headers.location).toBe('/');
      const stranger = await send(lab, pathOf(address) + next, { method });
      expect(stranger.headers.location).toBe(`/sign-in?expired${next}`);
    }
  });
});

describe('where to go after signing in', () => {
  const origin = 'https://lab.example.org';
  const away = [
    '/\t/evil.example/x',
    '/\n/evil.example',
    '/\r/evil.example',
    '\t//evil.example',
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '\\/evil.example',
    'https://evil.example',
    'http://lab.example.org/',
    'https://lab.example.org@evil.example/',
    'https://me@lab.example.org/',
    'https://lab.example.org.evil.example/',
    'https://lab.example.org:8443/',
    'javascript:alert(1)',
    'data:text/html,x',
    '/.//evil.example',
    '/x/..//evil.example',
    '/%2e%2e//evil.example',
    '',
  ];
  const here: [string, string][] = [
    ['/checkpoints', '/checkpoints'],
    ['/runs/Run-1?tab=log#end', '/runs/Run-1?tab=log#end'],
    ['/?filter=name%20~%20%27a%27', '/?filter=name%20~%20%27a%27'],
    ['https://lab.example.org/new', '/new'],
    ['/%09/evil.example', '/%09/evil.example'],
    ['/%5cevil.example', '/%5cevil.example'],
    ['/a/../new', '/new'],
    ['https:/evil.example', '/evil.example'],
  ];
  const both: [string, (next: string, origin: string, basePath: string) => string][] = [
    ['the server', destinationOf],
    ['the page', destinationInPage],
  ];

  it.each(both)('stays on this server: %s', (_who, destination) => {
    for (const next of away) expect([next, destination(next, origin, '')]).toEqual([next, '/']);
    for (const [next, expected] of here) {
      const found = destination(next, origin, '');
      expect([next, found]).toEqual([next, expected]);
      expect(new URL(found, origin).origin).toBe(origin);
    }
    expect(destination(null as unknown as string, origin, '')).toBe('/');
  });

  it.each(both)('stays below the base path: %s', (_who, destination) => {
    for (const next of [...away, '/other', '/riftlab/../other', '/riftlabs', '/riftlab/%2e%2e/other']) {
      expect([next, destination(next, origin, '/riftlab')]).toEqual([next, '/riftlab/']);
    }
    expect(destination('/riftlab/new', origin, '/riftlab')).toBe('/riftlab/new');
    expect(destination('/riftlab?page=2', origin, '/riftlab')).toBe('/riftlab?page=2');
  });
});

describe('passwords', () => {
  it('are set by an invited person, and sign them in', async () => {
    const { address, user, expiresAt } = await invite('Ada@example.org');
    expect(user).toMatchObject({ name: 'Ada', email: 'ada@example.org', role: 'MEMBER', active: true });
    expect(new Date(expiresAt).getTime() - Date.now()).toBeGreaterThan(6 * 24 * 3600_000);
    expect(address.startsWith(`${lab.address}/?token=`)).toBe(true);
    const cookie = await signInOnce(lab, address);
    expect(await viewerOf(lab, cookie)).toEqual({ name: 'Ada', role: 'MEMBER' });

    expect((await post(lab, '/api/auth/set-password', { newPassword: 'short' }, { cookie })).status).toBe(400);
    expect((await post(lab, '/api/auth/set-password', { newPassword: 'x'.repeat(200) }, { cookie })).status).toBe(400);
    expect((await post(lab, '/api/auth/set-password', { newPassword: 'a long enough one' })).status).toBe(401);
    expect((await post(lab, '/api/auth/set-password', { newPassword: 'a long enough one' }, { cookie })).status).toBe(200);
    expect((await post(lab, '/api/auth/sign-in/email', { email: 'ada@example.org', password: 'a wrong one, surely' })).status).toBe(401);
    const signedIn = await post(lab, '/api/auth/sign-in/email', { email: 'ada@example.org', password: 'a long enough one' });
    expect(signedIn.status).toBe(200);
    expect(cookiesOf(signedIn).join()).not.toMatch(/Secure/i);
    const session = cookieOf(signedIn);
    expect((await viewerOf(lab, session))?.name).toBe('Ada');

    const again = await post(lab, '/api/auth/set-password', { newPassword: 'without the present one' }, { cookie: session });
    expect(again.status).toBe(400);
    const change = { currentPassword: 'a long enough one', newPassword: 'another long one' };
    expect((await post(lab, '/api/auth/change-password', change, { cookie: session })).status).toBe(200);
    expect((await post(lab, '/api/auth/sign-out', {}, { cookie: session })).status).toBe(200);
    expect(await viewerOf(lab, session)).toBeUndefined();

    const audit = await lab.database.prisma.auditRecord.findMany({ where: { target: user.id }, orderBy: { id: 'asc' } });
    expect(audit.map(({ action }) => action)).toEqual(['inviteUser', 'signInOnce', 'setPassword', 'signIn', 'changePassword', 'signOut']);
    expect(JSON.stringify(audit.map(({ arguments: given }) => given))).not.toContain('long');
  });

  it('that are lost are replaced by whoever came in by a one-time address, once', async () => {
    const first = await signInOnce(lab);
    expect((await post(lab, '/api/auth/set-password', { newPassword: 'the first password' }, { cookie: first })).status).toBe(200);
    expect((await post(lab, '/api/auth/set-password', { newPassword: 'the second, at once' }, { cookie: first })).status).toBe(400);
    const later = await signInOnce(lab);
    expect((await post(lab, '/api/auth/set-password', { newPassword: 'short' }, { cookie: later })).status).toBe(400);
    const email = 'admin@riftlab.local';
    expect((await post(lab, '/api/auth/sign-in/email', { email, password: 'the first password' })).status).toBe(200);
    expect((await post(lab, '/api/auth/set-password', { newPassword: 'the second password' }, { cookie: later })).status).toBe(200);
    expect((await post(lab, '/api/auth/sign-in/email', { email, password: 'the first password' })).status).toBe(401);
    expect((await post(lab, '/api/auth/sign-in/email', { email, password: 'the second password' })).status).toBe(200);
  });

  it('cannot be set or changed by a token', async () => {
    for (const path of ['set-password', 'change-password']) {
      const body = { newPassword: 'a password by a token', ...(path === 'change-password' && { currentPassword: 'x' }) };
      const { status } = await post(lab, `/api/auth/${path}`, body, { authorization: `Bearer ${lab.admin}` });
      expect([path, status]).toEqual([path, 401]);
    }
  });
});

describe('better-auth', () => {
  const open = ['/sign-in/email', '/sign-out', '/change-password', '/set-password'];

  it('answers at the addresses that are used alone', async () => {
    const { createAuth } = await import('../../../server/http/auth.ts');
    const { openReach } = await import('../../../server/http/reach.ts');
    const auth = createAuth(lab.database, 'a secret of the tests that is long enough', openReach());
    const endpoints = Object.values(auth.of({ headers: {}, socket: {} } as never).api) as {
      path?: string;
      options?: { method: unknown };
    }[];
    const paths = [...new Set(endpoints.map(({ path }) => path).filter((path) => path !== undefined))];
    expect(paths.length).toBeGreaterThan(20);
    const cookie = await signInOnce(lab);
    for (const path of paths.filter((one) => !open.includes(one))) {
      const place = `/api/auth${path.replaceAll(/:\w+/g, 'x')}`;
      expect([path, (await send(lab, place, { headers: { cookie } })).status]).toEqual([path, 404]);
      expect([path, (await post(lab, place, {}, { cookie })).status]).toEqual([path, 404]);
    }
    for (const path of open) expect([path, (await send(lab, `/api/auth${path}`, { headers: { cookie } })).status]).toEqual([path, 404]);
  });

  it('changes no name and takes no picture', async () => {
    const cookie = await signInOnce(lab);
    const before = await lab.database.prisma.user.findMany();
    for (const body of [{ name: 'x'.repeat(9000) }, { image: 'javascript:alert(1)' }, { role: 'ADMIN' }]) {
      expect((await post(lab, '/api/auth/update-user', body, { cookie })).status).toBe(404);
    }
    const names = (users: typeof before) => users.map(({ name, image, role }) => ({ name, image, role }));
    expect(names(await lab.database.prisma.user.findMany())).toEqual(names(before));
  });

  it('makes no account for a stranger', async () => {
    const body = { email: 'x@example.org', password: 'long enough here', name: 'X' };
    expect((await post(lab, '/api/auth/sign-up/email', body)).status).toBe(404);
    expect(await lab.database.prisma.user.count({ where: { email: 'x@example.org' } })).toBe(0);
  });

  it('is given only bodies of the right kind and length', async () => {
    const wrong: object[] = [
      { email: 'a@example.org' },
      { email: ['a@example.org'], password: 'x' },
      { email: 'a'.repeat(300), password: 'x' },
      { email: 'a@example.org', password: 'x'.repeat(2000) },
      { email: 'a@example.org', password: 'x', callbackURL: 'https://evil.example' },
    ];
    for (const body of wrong) expect((await post(lab, '/api/auth/sign-in/email', body)).status).toBe(400);
    expect((await post(lab, '/api/auth/sign-in/email', { email: 'a', password: 'x'.repeat(900_000) })).status).toBe(413);
    const headers = { origin: lab.address, 'content-type': 'application/json' };
    expect((await send(lab, '/api/auth/sign-in/email', { method: 'POST', headers, body: '{' })).status).toBe(400);
  });
});
