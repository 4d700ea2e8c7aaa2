/** Signing in as a browser does, and requests whose headers are what the test says. */
import { request } from 'node:http';
import type { TestLab } from './lab.ts';

export interface Sent {
  method?: string;
  headers?: Record<string, string>;
  body?: string | object;
}

export interface Received {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for.
  json(): any;
}

export function send(lab: TestLab, path: string, { method = 'GET', headers = {}, body = '' }: Sent = {}): Promise<Received> {
  const { hostname, port } = new URL(lab.address);
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const type: Record<string, string> = typeof body === 'string' ? {} : { 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, method, headers: { ...type, ...headers } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const received = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: received, json: () => JSON.parse(received) });
      });
    });
    sent.on('error', reject);
    sent.end(text);
  });
}

export const post = (lab: TestLab, path: string, body: object, headers: Record<string, string> = {}) =>
  send(lab, path, { method: 'POST', headers: { origin: lab.address, ...headers }, body });

export const cookiesOf = ({ headers }: Received) => [headers['set-cookie'] ?? []].flat() as string[];

export const cookieOf = (received: Received) =>
  cookiesOf(received)
    .map((one) => one.split(';')[0])
    .join('; ');

/** Presses the button of a one-time address. */
export function spend(lab: TestLab, address: string, headers: Record<string, string> = {}): Promise<Received> {
  const { pathname, search } = new URL(address);
  return send(lab, pathname + search, { method: 'POST', headers: { origin: lab.address, ...headers } });
}

/** Signs in by a one-time address, the administrator's when none is given; returns the cookie. */
export async function signInOnce(lab: TestLab, address?: string): Promise<string> {
  const received = await spend(lab, address ?? (await lab.signInAddress()));
  if (received.status !== 303) throw new Error(`${received.status}: ${received.text}`);
  return cookieOf(received);
}

/** Who the cookie belongs to; undefined for nobody. */
export async function viewerOf(lab: TestLab, cookie: string): Promise<{ name: string; role: string } | undefined> {
  const answer = await send(lab, '/graphql', { method: 'POST', headers: { cookie }, body: { query: '{ viewer { name role } }' } });
  return answer.json().data?.viewer;
}
