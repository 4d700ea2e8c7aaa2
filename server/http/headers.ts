/** What every answer forbids the browser: by default everything, for pages all but what they consist of. */
import { randomBytes } from 'node:crypto';
import type { RequestHandler, Response } from 'express';
import type { Reach } from './reach.ts';

/** No page of another site may frame these answers, post forms from them, or change where their addresses begin. */
const always = ["frame-ancestors 'none'", "base-uri 'none'", "object-src 'none'"];

const features = [
  'accelerometer',
  'camera',
  'display-capture',
  'geolocation',
  'gyroscope',
  'microphone',
  'midi',
  'payment',
  'serial',
  'usb',
];

/** For answers that are no pages: data, downloads, refusals. What is private stays out of every cache. */
const closed = {
  'Content-Security-Policy': policy(["default-src 'none'", "form-action 'none'", ...always]),
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': features.map((feature) => `${feature}=()`).join(', '),
  'Referrer-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Cache-Control': 'no-store',
};

const day = 24 * 60 * 60;

/** Comes before everything else that answers. Where the lab is called by https, browsers are to ask by nothing else. */
export const closeAnswers =
  (reach: Reach): RequestHandler =>
  (request, response, next) => {
    response.set(closed);
    if (reach.publicUrl?.protocol === 'https:') response.set('Strict-Transport-Security', `max-age=${365 * day}`);
    response.locals.host = reach.publicUrl?.host ?? reach.host(request).value;
    next();
  };

/**
 * Opens the answer to the lab's pages: Next finds the nonce of its scripts in the request's policy, the layout that of its
 * styles in x-nonce. No 'strict-dynamic': by it, whatever a script of the page inserts may run, written text too. React
 * writes style attributes, which no nonce can mark; they can load and run nothing. Static files have caching rules of their own.
 */
export const openToPages: RequestHandler = (request, response, next) => {
  const nonce = randomBytes(18).toString('base64url');
  const open = pagePolicy(response, [
    `script-src 'self' 'nonce-${nonce}'`,
    `style-src 'self' 'nonce-${nonce}'`,
    "style-src-attr 'unsafe-inline'",
  ]);
  request.headers['content-security-policy'] = open;
  request.headers['x-nonce'] = nonce;
  response.set('Content-Security-Policy', open).removeHeader('Cache-Control');
  next();
};

/** Opens the answer to one self-contained page, whose only scripts have these SHA-256 hashes (base64). Its editor writes style sheets. */
export function openToEditor(response: Response, scriptHashes: readonly string[]): void {
  const scripts = scriptHashes.map((hash) => `'sha256-${hash}'`).join(' ');
  response.set('Content-Security-Policy', pagePolicy(response, [`script-src ${scripts}`, "style-src 'unsafe-inline'", 'worker-src blob:']));
}

/** Not every browser counts sockets of the same host as the page's own. */
function pagePolicy({ locals: { host } }: Response<unknown, { host?: string }>, more: string[]): string {
  const sockets = host && /^[\w.:[\]-]+$/.test(host) ? ` ws://${host} wss://${host}` : '';
  const parts = [
    "default-src 'none'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    `connect-src 'self'${sockets}`,
    "form-action 'self'",
  ];
  return policy([...parts, ...more, ...always]);
}

function policy(parts: string[]): string {
  return parts.join('; ');
}
