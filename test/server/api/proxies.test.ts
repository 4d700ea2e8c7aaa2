/** The API below a path of another site, through proxies as docs/deploy.md sets them up: over http, sockets, and for each client. */
import { request } from 'node:http';
import { createClient } from 'graphql-ws';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { readConfig } from '../../../server/config.ts';
import { createAdminAddress } from '../../../server/services/people.ts';
import {
  freePort,
  isInstalled,
  type ReverseProxy,
  startCaddy,
  startNginx,
  startNodeProxy,
  startTraefik,
} from '../../helpers/reverse-proxy.ts';
import { waitUntil } from '../../helpers/runs.ts';
import { startLab, type TestLab } from './lab.ts';

let lab: TestLab | undefined;
let proxy: ReverseProxy | undefined;

afterEach(async () => {
  await proxy?.close();
  await lab?.close();
  proxy = undefined;
  lab = undefined;
});

type Start = (port: number, target: number) => Promise<ReverseProxy>;

const proxies: [string, boolean, Start][] = [
  ['a proxy that leaves the path', true, (port, target) => startNodeProxy(port, () => target)],
  ['a proxy that takes the path away', true, (port, target) => startNodeProxy(port, () => target, '/riftlab')],
  ['nginx', isInstalled('nginx'), startNginx],
  ['caddy', isInstalled('caddy'), startCaddy],
  ['traefik', isInstalled('traefik'), startTraefik],
];

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

/** A request by a client with an address of its own. */
function send(url: string, from: string, headers: Record<string, string> = {}, body?: object): Promise<Answer> {
  const { hostname, port, pathname, search, origin } = new URL(url);
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        ...{ hostname, port, path: pathname + search, localAddress: from, agent: false },
        method: body ? 'POST' : 'GET',
        headers: { ...(body && { origin, 'content-type': 'application/json' }), ...headers },
      },
      (response) => {
        let text = '';
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
      },
    );
    sent.on('error', reject);
    sent.end(body && JSON.stringify(body));
  });
}

describe('behind', () => {
  for (const [name, installed, start] of proxies) {
    it.skipIf(!installed)(`${name}${installed ? '' : ' (not installed)'}`, async () => {
      const port = await freePort();
      const home = `http://127.0.0.1:${port}/riftlab`;
      lab = await startLab({ reach: readConfig(['--public-url', home, '--trust-proxy'], {}) });
      proxy = await start(port, Number(new URL(lab.address).port));

      const address = await createAdminAddress(lab.database, home);
      expect((await send(address, '127.0.0.1')).text).toContain('<form method="post">');
      const signedIn = await send(address, '127.0.0.1', {}, {});
      expect([signedIn.status, signedIn.headers.location]).toEqual([303, '/riftlab/']);
      const [cookie = ''] = signedIn.headers['set-cookie'] ?? [];
      expect(cookie).toContain('Path=/riftlab');
      const me = await send(`${home}/graphql`, '127.0.0.1', { cookie: cookie.split(';')[0] ?? '' }, { query: '{ viewer { name } }' });
      expect(JSON.parse(me.text).data.viewer.name).toBe('Admin');
      expect((await send(`${home}/healthz`, '127.0.0.1')).status).toBe(200);

      let heard = 0;
      const token = lab.viewer;
      const client = createClient({
        url: `${home.replace('http', 'ws')}/graphql`,
        webSocketImpl: WebSocket,
        connectionParams: { authorization: `Bearer ${token}` },
        retryAttempts: 0,
      });
      client.subscribe({ query: 'subscription { devicesUpdated { id } }' }, { next: () => heard++, error: () => {}, complete: () => {} });
      await waitUntil(async () => heard > 0);
      await client.dispose();

      const guess = (from: string) =>
        send(`${home}/api/auth/sign-in/email`, from, {}, { email: 'nobody@example.org', password: 'a wrong guess' });
      const statuses = [];
      for (let attempt = 0; attempt < 12; attempt++) statuses.push((await guess('127.0.0.2')).status);
      expect(statuses).toContain(429);
      expect((await guess('127.0.0.3')).status).toBe(401);
    });
  }
});
