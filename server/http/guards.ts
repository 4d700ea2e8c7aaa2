/** Refuses requests that a foreign page made the browser send: by the names in Host and Origin. */
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { RequestHandler } from 'express';
import { sendPlainPage } from './plain-page.ts';
import type { Reach } from './reach.ts';
import { refuse } from './refuse.ts';

const hostName = (host: string) => {
  try {
    return new URL(`http://${host}`).hostname.replace(/^\[|\]$/g, '').toLowerCase();
  } catch {
    return '';
  }
};

/**
 * Why the request is refused: which header came, what was expected and what mends it; null when it is not. A name that another
 * site can point at this machine (DNS rebinding) is refused; addresses and localhost can't be pointed. A request that a page of
 * another origin sends is refused too.
 */
export function refusal(request: IncomingMessage, reach: Reach): string | null {
  const { headers, method, rawHeaders } = request;
  if (rawHeaders.filter((name, position) => position % 2 === 0 && /^host$/i.test(name)).length > 1) return 'A request has one Host.';
  const asked = reach.host(request);
  const sent = { header: 'Host', value: headers.host ?? '' };
  const unknown = [asked, sent].find(({ value }) => !isKnownName(hostName(value), reach));
  if (unknown) return unknownName(unknown, reach, asked.value);
  const reads = method === 'GET' || method === 'HEAD';
  const { origin } = headers;
  const isOwn = origin === undefined || originHost(origin) === asked.value || origin === reach.publicUrl?.origin;
  if (!isOwn && !(reads && !headers.upgrade)) return foreignOrigin(origin, asked, reach);
  const site = headers['sec-fetch-site'];
  if (!reads && site !== undefined && site !== 'same-origin' && site !== 'none') {
    return `The header Sec-Fetch-Site is "${site}": requests from pages of other sites are not answered; expected is same-origin.`;
  }
  return null;
}

const isKnownName = (name: string, { names, publicUrl }: Reach) =>
  name === 'localhost' ||
  name.endsWith('.localhost') ||
  isIP(name) !== 0 ||
  names.includes(name) ||
  (publicUrl !== null && name === hostName(publicUrl.host));

function unknownName({ header, value }: { header: string; value: string }, { names, publicUrl }: Reach, asked: string): string {
  const known = ['localhost', 'IP addresses', ...names, ...(publicUrl ? [publicUrl.host] : [])];
  const name = hostName(asked) || 'lab.example.org';
  const mend = publicUrl ? `--names ${name}` : `--public-url https://${name} (behind a proxy) or --names ${name}`;
  return `The header ${header} is "${value}", and this server answers to ${known.join(', ')}. If this is its name, start it with ${mend}.`;
}

function foreignOrigin(origin: string, { header, value }: { header: string; value: string }, { publicUrl }: Reach): string {
  const expected = [value, ...(publicUrl ? [publicUrl.origin] : [])].join(' or ');
  const mend = publicUrl
    ? 'If this is your RiftLab, correct --public-url'
    : `If this is your RiftLab behind a proxy, start it with --public-url ${originHost(origin) ? origin : 'https://lab.example.org'}`;
  return (
    `The header Origin is "${origin}", and expected was ${expected} (from the header ${header}): requests from pages of other ` +
    `sites are not answered. ${mend}.`
  );
}

function originHost(origin: string): string | null {
  try {
    return new URL(origin).host;
  } catch {
    return null;
  }
}

export const guard =
  (reach: Reach): RequestHandler =>
  (request, response, next) => {
    const reason = refusal(request, reach);
    if (!reason) return next();
    if (request.accepts(['json', 'html']) === 'html') sendPlainPage(response, 403, { title: 'This request was refused', text: [reason] });
    else refuse(response, 403, 'FORBIDDEN', reason);
  };
