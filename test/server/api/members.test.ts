/** The members of the lab: roles, removal, new addresses, and that what is taken away ends on open sockets of every server process. */
import type { Client } from 'graphql-ws';
import { createClient } from 'graphql-ws';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { waitUntil } from '../../helpers/runs.ts';
import { startLab, type TestLab } from './lab.ts';
import { cookieOf, post, signInOnce, spend, viewerOf } from './sign-in.ts';

let lab: TestLab;
/** A second server process on the same database. */
let other: TestLab;
const clients: Client[] = [];

beforeAll(async () => {
  lab = await startLab();
  other = await startLab({ shared: lab.databaseUrl });
});

afterEach(async () => {
  for (const client of clients.splice(0)) await client.dispose();
});

afterAll(async () => {
  await other?.close();
  await lab.close();
});

const password = 'a long enough one';
let count = 0;

interface Person {
  id: string;
  email: string;
  address: string;
  cookie: string;
}

/** A member who has signed in and set a password. */
async function join(role = 'MEMBER'): Promise<Person> {
  const email = `person${++count}@example.org`;
  const { data } = await lab.ask(
    'mutation ($email: String!, $role: Role!) { inviteUser(email: $email, name: "Person", role: $role) { address user { id } } }',
    { email, role },
  );
  const { address, user } = data.inviteUser;
  const cookie = await signInOnce(lab, address);
  expect((await post(lab, '/api/auth/set-password', { newPassword: password }, { cookie })).status).toBe(200);
  return { id: user.id, email, address, cookie };
}

const mutate = (name: string, args: string, type: string, token?: string) =>
  lab.ask(`mutation { ${name}(${args}) { ${type} } }`, {}, token);
const setRole = (id: string, role: string, token?: string) => mutate('setRole', `user: "${id}", role: ${role}`, 'id role', token);
const removeUser = (id: string, token?: string) => mutate('removeUser', `user: "${id}"`, 'id active', token);
const renew = (id: string, token?: string) => mutate('renewInvitation', `user: "${id}"`, 'address expiresAt user { id }', token);

/** A subscription that runs; closed tells how the server ended its socket. */
async function subscribe(at: TestLab, access: { cookie?: string; token?: string }) {
  const state: { closed: { code: number; reason: string } | null; heard: number } = { closed: null, heard: 0 };
  class WithCookie extends WebSocket {
    constructor(url: string, protocols: string) {
      super(url, protocols, { headers: access.cookie ? { cookie: access.cookie } : {} });
    }
  }
  const client = createClient({
    url: `${at.address.replace('http', 'ws')}/graphql`,
    webSocketImpl: WithCookie,
    retryAttempts: 0,
    ...(access.token && { connectionParams: { authorization: `Bearer ${access.token}` } }),
    on: {
      closed: (event) => {
        state.closed = event as { code: number; reason: string };
      },
    },
  });
  clients.push(client);
  client.subscribe({ query: 'subscription { devicesUpdated { id } }' }, { next: () => state.heard++, error: () => {}, complete: () => {} });
  await waitUntil(async () => state.heard > 0);
  return state;
}

/** Half of what may pass between an end and its effect leaves room for a busy machine. */
const ended = (states: { closed: unknown }[]) => waitUntil(async () => states.every(({ closed }) => closed !== null));

async function tokenOf({ cookie }: Person, more = '') {
  const query = `mutation { createApiToken(name: "t"${more}) { secret token { id } } }`;
  const { data } = (await post(lab, '/graphql', { query }, { cookie })).json();
  return data.createApiToken as { secret: string; token: { id: string } };
}

describe('members', () => {
  it('are listed for an ADMIN alone', async () => {
    const { id, email, cookie } = await join();
    await viewerOf(lab, cookie);
    const query = '{ users { id name email role active lastSeenAt } }';
    const { data } = await lab.ask(query);
    expect(data.users).toContainEqual({ id, name: 'Person', email, role: 'MEMBER', active: true, lastSeenAt: expect.any(String) });
    for (const token of [lab.member, lab.viewer]) {
      expect((await lab.ask(query, {}, token)).errors[0]?.extensions.code).toBe('FORBIDDEN');
    }
  });

  it('are managed by an ADMIN alone', async () => {
    const { id } = await join();
    for (const token of [lab.member, lab.viewer]) {
      for (const answer of [await setRole(id, 'VIEWER', token), await removeUser(id, token), await renew(id, token)]) {
        expect(answer.errors.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
      }
    }
    for (const answer of [await setRole('User-nobody', 'VIEWER'), await removeUser('User-nobody'), await renew('nonsense')]) {
      expect(answer.errors[0]?.extensions).toMatchObject({ code: 'NOT_FOUND', path: ['user'] });
    }
    expect((await removeUser('Run-1')).errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', path: ['user'] });
  });

  it('who lost their address get a new one, and the old one ends', async () => {
    const { data } = await lab.ask('mutation { inviteUser(email: "lost@example.org", name: "L") { address user { id } } }');
    const { address, user } = data.inviteUser;
    const again = await lab.ask('mutation { inviteUser(email: "lost@example.org", name: "L") { address } }');
    expect(again.errors[0]).toMatchObject({ message: expect.stringContaining('renewInvitation'), extensions: { code: 'CONFLICT' } });
    const renewed = (await renew(user.id)).data.renewInvitation;
    expect((await spend(lab, address)).headers.location).toBe('/sign-in?expired');
    expect(await viewerOf(lab, await signInOnce(lab, renewed.address))).toMatchObject({ name: 'L' });
  });

  it('have their password reset by a new address: the old password and sessions end', async () => {
    const person = await join();
    const { address } = (await renew(person.id)).data.renewInvitation;
    expect(await viewerOf(lab, person.cookie)).toBeUndefined();
    const signIn = (word: string) => post(lab, '/api/auth/sign-in/email', { email: person.email, password: word });
    expect((await signIn(password)).status).toBe(401);
    const cookie = await signInOnce(lab, address);
    expect((await post(lab, '/api/auth/set-password', { newPassword: 'a wholly new one' }, { cookie })).status).toBe(200);
    expect((await signIn('a wholly new one')).status).toBe(200);
  });

  it('who are removed have nothing left, and come back when they are invited again', async () => {
    const person = await join();
    const { secret } = await tokenOf(person);
    expect((await removeUser(person.id)).data.removeUser).toEqual({ id: person.id, active: false });
    expect(await viewerOf(lab, person.cookie)).toBeUndefined();
    expect((await lab.ask('{ viewer { name } }', {}, secret)).status).toBe(401);
    expect((await post(lab, '/api/auth/sign-in/email', { email: person.email, password })).status).toBe(401);
    expect((await renew(person.id)).errors[0]?.extensions.code).toBe('BAD_USER_INPUT');
    const { data } = await lab.ask(
      'mutation ($email: String!) { inviteUser(email: $email, name: "Again", role: VIEWER) { address user { id active role } } }',
      { email: person.email },
    );
    expect(data.inviteUser.user).toEqual({ id: person.id, active: true, role: 'VIEWER' });
    expect(await viewerOf(lab, await signInOnce(lab, data.inviteUser.address))).toEqual({ name: 'Again', role: 'VIEWER' });
    expect((await lab.ask('{ viewer { name } }', {}, secret)).status).toBe(401);
  });
});

describe('administrators', () => {
  it('cannot shut themselves out', async () => {
    const { data } = await lab.ask('{ viewer { id } }');
    const { id } = data.viewer;
    const admin = await join('ADMIN');
    for (const answer of [await setRole(id, 'MEMBER'), await removeUser(id), await renew(id)]) {
      expect(answer.errors[0]?.extensions).toMatchObject({ code: 'CONFLICT', path: ['user'] });
    }
    expect((await setRole(id, 'ADMIN')).errors).toEqual([]);
    expect((await removeUser(admin.id)).errors).toEqual([]);
  });

  it('leave one, also when two remove each other at the same moment', async () => {
    const { data } = await lab.ask('{ viewer { id } }');
    const first = await join('ADMIN');
    const second = await join('ADMIN');
    const tokens = [await tokenOf(first), await tokenOf(second)];
    expect((await setRole(data.viewer.id, 'MEMBER', tokens[0]?.secret)).errors).toEqual([]);
    const answers = await Promise.all([setRole(second.id, 'VIEWER', tokens[0]?.secret), setRole(first.id, 'VIEWER', tokens[1]?.secret)]);
    const left = await lab.database.prisma.user.count({ where: { role: 'ADMIN', removedAt: null } });
    expect([left, answers.filter(({ errors }) => errors.length > 0).length]).toEqual([1, 1]);
    await lab.database.prisma.user.update({ where: { id: data.viewer.id.slice('User-'.length) }, data: { role: 'ADMIN' } });
  });
});

describe('open sockets', () => {
  it('end with the membership, in every server process', async () => {
    const person = await join();
    const { secret } = await tokenOf(person);
    const states = [await subscribe(lab, person), await subscribe(other, person), await subscribe(other, { token: secret })];
    await removeUser(person.id);
    await ended(states);
    expect(states.map(({ closed }) => closed?.code)).toEqual([4401, 4401, 4401]);
  });

  it('end with a revoked token, and no others', async () => {
    const person = await join();
    const { secret, token } = await tokenOf(person);
    const own = await subscribe(other, person);
    const states = [await subscribe(lab, { token: secret }), await subscribe(other, { token: secret })];
    await post(lab, '/graphql', { query: `mutation { revokeApiToken(id: "${token.id}") { id } }` }, { cookie: person.cookie });
    await ended(states);
    expect(states.map(({ closed }) => closed?.code)).toEqual([4401, 4401]);
    expect(own.closed).toBeNull();
  });

  it('end when their token expires', async () => {
    const person = await join();
    // Time enough to subscribe, on a machine that does much else.
    const { secret } = await tokenOf(person, `, expiresAt: "${new Date(Date.now() + 8000).toISOString()}"`);
    const state = await subscribe(lab, { token: secret });
    await ended([state]);
    expect(state.closed?.code).toBe(4401);
  });

  it('end with the session: by signing out, and by a password that is reset', async () => {
    const person = await join();
    const later = cookieOf(await post(lab, '/api/auth/sign-in/email', { email: person.email, password }));
    const [first, second] = [await subscribe(other, person), await subscribe(other, { cookie: later })];
    await post(lab, '/api/auth/sign-out', {}, { cookie: person.cookie });
    await ended([first]);
    expect([first.closed?.code, second.closed]).toEqual([4401, null]);
    await renew(person.id);
    await ended([second]);
    expect(second.closed?.code).toBe(4401);
  });

  it('are begun anew with a changed role', async () => {
    const person = await join('ADMIN');
    const states = [await subscribe(lab, person), await subscribe(other, person)];
    await setRole(person.id, 'VIEWER');
    await ended(states);
    expect(states.map(({ closed }) => [closed?.code, closed?.reason])).toEqual(
      Array(2).fill([1012, 'Your role is VIEWER now: connect again.']),
    );
    expect((await viewerOf(other, person.cookie))?.role).toBe('VIEWER');
  });
});
