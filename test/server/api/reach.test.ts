/** How the server is reached: over http and https, by proxies, below a path; and what is refused, with what mends it. */
import type { BlockList } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { readConfig } from '../../../server/config.ts';
import type { ReachOptions } from '../../../server/http/reach.ts';
import { startLab, type TestLab } from './lab.ts';
import { cookieOf, cookiesOf, post, send, spend, viewerOf } from './sign-in.ts';

let lab: TestLab;

const start = async (reach: ReachOptions = {}) => {
  lab = await startLab({ reach });
  return lab;
};
const reachOf = (...options: string[]): ReachOptions => readConfig(options, {});

afterEach(() => lab.close());

const guess = (headers: Record<string, string>) =>
  post(lab, '/api/auth/sign-in/email', { email: 'nobody@example.org', password: 'a guess that is wrong' }, headers);

async function guesses(count: number, headers: (attempt: number) => Record<string, string>): Promise<number[]> {
  const statuses = [];
  for (let attempt = 0; attempt < count; attempt++) statuses.push((await guess(headers(attempt))).status);
  return statuses;
}

describe('cookies', () => {
  it('are Secure only where the request came over https', async () => {
    await start({ trustedProxies: reachOf('--trust-proxy').trustedProxies as BlockList });
    const plain = cookiesOf(await spend(lab, await lab.signInAddress())).join();
    expect(plain).not.toMatch(/Secure/i);
    const secure = cookiesOf(await spend(lab, await lab.signInAddress(), { 'x-forwarded-proto': 'https' })).join();
    expect(secure).toMatch(/__Secure-riftlab.*; Secure/i);
  });

  it('are not made Secure by a header that nobody is trusted to send', async () => {
    await start();
    const cookies = cookiesOf(await spend(lab, await lab.signInAddress(), { 'x-forwarded-proto': 'https' }));
    expect(cookies.join()).not.toMatch(/Secure/i);
  });
});

describe('the rate limit of sign-in', () => {
  it('stops somebody who guesses, at every server of the database and at no other', async () => {
    const first = await start();
    expect(await guesses(12, () => ({}))).toEqual([...Array(10).fill(401), 429, 429]);
    const [second, other] = [await startLab({ shared: first.databaseUrl }), await startLab()];
    const statuses = [];
    for (const one of [second, other]) {
      lab = one;
      statuses.push((await guess({})).status);
    }
    lab = first;
    await Promise.all([second.close(), other.close()]);
    expect(statuses).toEqual([429, 401]);
  });

  it('stops somebody who guesses many times at once', async () => {
    await start();
    const statuses = await Promise.all(Array.from({ length: 25 }, async () => (await guess({})).status));
    expect(statuses.toSorted()).toEqual([...Array(10).fill(401), ...Array(15).fill(429)]);
    expect(lab.logged).toEqual([]);
  });

  it('counts the client behind a trusted proxy, and stops nobody else', async () => {
    await start(reachOf('--trust-proxy', '127.0.0.1,10.0.0.0/8'));
    const through = (...hops: string[]) => ({ 'x-forwarded-for': hops.join(', ') });
    expect(await guesses(12, () => through('203.0.113.9', '10.1.2.3'))).toContain(429);
    expect((await guess(through('203.0.113.10', '10.1.2.3'))).status).toBe(401);
    expect((await guess(through('198.51.100.1', '203.0.113.9:5123', '10.1.2.3'))).status).toBe(429);
  });

  it('is not fooled by what a client itself writes into the header', async () => {
    await start(reachOf('--trust-proxy'));
    expect(await guesses(12, (attempt) => ({ 'x-forwarded-for': `198.51.100.${attempt}, 203.0.113.9` }))).toContain(429);
    await lab.close();
    await start();
    expect(await guesses(12, (attempt) => ({ 'x-forwarded-for': `198.51.100.${attempt}` }))).toContain(429);
  });
});

describe('--public-url', () => {
  it.each([
    ['a proxy that leaves the path', '/riftlab'],
    ['a proxy that takes it away', ''],
  ])('is in every address, cookie and redirect: %s', async (_kind, path) => {
    await start(reachOf('--public-url', 'https://lab.example.org/riftlab/'));
    const host = { host: 'lab.example.org', origin: 'https://lab.example.org' };
    expect((await send(lab, `${path}/healthz`, { headers: host })).status).toBe(200);
    const mutation = 'mutation { inviteUser(email: "a@example.org", name: "A") { address } }';
    const headers = { ...host, authorization: `Bearer ${lab.admin}` };
    const invited = (await send(lab, `${path}/graphql`, { method: 'POST', headers, body: { query: mutation } })).json();
    const { address } = invited.data.inviteUser;
    expect(address).toMatch(/^https:\/\/lab\.example\.org\/riftlab\/\?token=/);

    const place = `${path}/${new URL(address).search}`;
    expect((await send(lab, place, { headers: host })).text).toContain('<form method="post">');
    const signedIn = await send(lab, place, { method: 'POST', headers: host });
    expect(signedIn.headers.location).toBe('/riftlab/');
    expect(cookiesOf(signedIn).join()).toMatch(/__Secure-riftlab.*Path=\/riftlab; .*Secure/i);
    expect((await send(lab, place, { headers: host })).headers.location).toBe('/riftlab/sign-in?expired');
    const cookie = cookieOf(signedIn);
    const me = { method: 'POST', headers: { ...host, cookie }, body: { query: '{ viewer { name } }' } };
    expect((await send(lab, `${path}/graphql`, me)).json().data.viewer.name).toBe('A');

    const page = { headers: { ...host, accept: 'text/html' } };
    expect((await send(lab, `${path}/graphql`, page)).headers.location).toBe('/riftlab/sign-in?next=/riftlab/graphql');
    const editor = await send(lab, `${path}/graphql`, { headers: { ...page.headers, cookie, 'accept-encoding': 'identity' } });
    expect(editor.text).toContain('/riftlab/graphql');
    expect((await send(lab, `${path}/api/checkpoints/Checkpoint-1`, { headers: { ...host, cookie } })).status).toBe(404);

    const socket = new WebSocket(`${lab.address.replace('http', 'ws')}${path}/graphql`, 'graphql-transport-ws', { headers: host });
    await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
    socket.terminate();
  });

  it('is believed about https and its origin also when the proxy names this machine in Host', async () => {
    await start(reachOf('--public-url', 'https://lab.example.org'));
    const signedIn = await spend(lab, await lab.signInAddress(), { origin: 'https://lab.example.org' });
    expect(cookiesOf(signedIn).join()).toMatch(/; Secure/i);
    expect((await spend(lab, await lab.signInAddress(), { origin: 'https://other.example.org' })).status).toBe(403);
  });
});

describe('a refused request', () => {
  const evil = { host: 'lab.example.org' };

  it('says which header came, what was expected and which option mends it: Host', async () => {
    await start(reachOf('--names', 'lab.internal'));
    const { status, json } = await send(lab, '/', { headers: { ...evil, accept: 'application/json' } });
    expect(status).toBe(403);
    const [{ message, extensions }] = json().errors;
    expect(message).toBe(
      'The header Host is "lab.example.org", and this server answers to localhost, IP addresses, lab.internal. ' +
        'If this is its name, start it with --public-url https://lab.example.org (behind a proxy) or --names lab.example.org.',
    );
    expect(extensions.code).toBe('FORBIDDEN');
    const page = await send(lab, '/', { headers: { host: 'a"<b>.example.org', accept: 'text/html,*/*' } });
    expect(page.headers['content-type']).toContain('text/html');
    expect(page.text).toContain('--names');
    expect(page.text).not.toContain('<b>');
  });

  it('says the same of Origin', async () => {
    await start();
    const { status, json } = await post(lab, '/graphql', {}, { origin: 'https://lab.example.org', authorization: `Bearer ${lab.admin}` });
    expect(status).toBe(403);
    const { host } = new URL(lab.address);
    expect(json().errors[0].message).toBe(
      `The header Origin is "https://lab.example.org", and expected was ${host} (from the header Host): requests from pages of ` +
        'other sites are not answered. If this is your RiftLab behind a proxy, start it with --public-url https://lab.example.org.',
    );
  });

  it('says the same of what a trusted proxy forwards', async () => {
    await start(reachOf('--trust-proxy'));
    const { json } = await send(lab, '/', { headers: { 'x-forwarded-host': 'lab.example.org' } });
    expect(json().errors[0].message).toContain('The header X-Forwarded-Host is "lab.example.org"');
    const rebound = await send(lab, '/', { headers: { host: 'rebound.example.com', 'x-forwarded-host': 'localhost' } });
    expect(rebound.json().errors[0].message).toContain('The header Host is "rebound.example.com"');
  });

  it('spends nothing', async () => {
    await start();
    const address = await lab.signInAddress();
    for (const headers of [evil, { origin: 'https://lab.example.org' }]) expect((await spend(lab, address, headers)).status).toBe(403);
    expect(await viewerOf(lab, cookieOf(await spend(lab, address)))).toMatchObject({ name: 'Admin' });
  });
});
