/** Refuses requests that a foreign page made the browser send: by the names in Host and Origin. */
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { RequestHandler } from 'express';

const hostName = (host: string) => {
  try {
    return new URL(`http://${host}`).hostname.replace(/^\[|\]$/g, '').toLowerCase();
  } catch {
    return '';
  }
};

/**
 * Why the request is refused; null when it is not. A name that another site can point at this machine (DNS rebinding) is
 * refused; addresses and localhost can't be pointed. A request that a page of another origin sends is refused too.
 */
export function refusal({ headers, method, rawHeaders }: IncomingMessage, allowedHosts: readonly string[]): string | null {
  if (rawHeaders.filter((name, position) => position % 2 === 0 && /^host$/i.test(name)).length > 1) return 'A request has one Host.';
  const name = hostName(headers.host ?? '');
  const isKnown = name === 'localhost' || name.endsWith('.localhost') || isIP(name) !== 0 || allowedHosts.includes(name);
  if (!isKnown) return `This server does not answer to the name "${headers.host ?? ''}". Use its address, or allow the name at its start.`;
  const reads = method === 'GET' || method === 'HEAD';
  const { origin } = headers;
  if (origin !== undefined && originHost(origin) !== headers.host && !(reads && !headers.upgrade)) {
    return `Requests from pages of ${origin} are not answered.`;
  }
  if (!reads && headers['sec-fetch-site'] === 'cross-site') return 'Requests from pages of other sites are not answered.';
  return null;
}

function originHost(origin: string): string | null {
  try {
    return new URL(origin).host;
  } catch {
    return null;
  }
}

export const guard =
  (allowedHosts: readonly string[]): RequestHandler =>
  (request, response, next) => {
    const reason = refusal(request, allowedHosts);
    if (reason) {
      response.status(403).json({ errors: [{ message: reason, extensions: { code: 'FORBIDDEN' } }] });
      return;
    }
    next();
  };
