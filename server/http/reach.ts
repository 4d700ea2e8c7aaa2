/** How a request reached this server: directly, or through proxies whose headers are believed; and what the server is called outside. */
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import type { TLSSocket } from 'node:tls';

export interface ReachOptions {
  /** What people open, where a proxy stands before: https://lab.example.org/riftlab. */
  publicUrl?: URL | null;
  /** Its path, as /riftlab; empty without one. */
  basePath?: string;
  /** Whose X-Forwarded headers are believed. */
  trustedProxies?: BlockList;
  /** More names by which the server may be called. Lower case. */
  names?: readonly string[];
}

export interface Reach {
  /** Path before everything, as /riftlab; empty without one. */
  basePath: string;
  publicUrl: URL | null;
  names: readonly string[];
  /** The host that the client asked for, and the header that says so. */
  host(request: IncomingMessage): { header: string; value: string };
  isSecure(request: IncomingMessage): boolean;
  /** Address of this server as the client knows it, without a slash at its end. */
  home(request: IncomingMessage): string;
  /** IP address of the client. */
  client(request: IncomingMessage): string;
}

export function openReach({ publicUrl = null, basePath = '', trustedProxies = new BlockList(), names = [] }: ReachOptions = {}): Reach {
  const isTrusted = (address: string) => isIP(address) !== 0 && trustedProxies.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  const peer = ({ socket }: IncomingMessage) => plain(socket.remoteAddress ?? '');
  /** What the nearest proxy says, where it is believed. */
  const forwarded = (request: IncomingMessage, name: string) =>
    isTrusted(peer(request)) ? listOf(request.headers[`x-forwarded-${name}`]).at(-1) : undefined;

  const host = (request: IncomingMessage) => {
    const value = forwarded(request, 'host');
    return value ? { header: 'X-Forwarded-Host', value } : { header: 'Host', value: request.headers.host ?? '' };
  };
  const scheme = (request: IncomingMessage) =>
    publicUrl?.protocol ?? (isEncrypted(request) || forwarded(request, 'proto')?.toLowerCase() === 'https' ? 'https:' : 'http:');

  return {
    basePath,
    publicUrl,
    names,
    host,
    isSecure: (request) => scheme(request) === 'https:',
    home: (request) => (publicUrl ? publicUrl.origin + basePath : `${scheme(request)}//${host(request).value}`),
    /** From the right: each trusted proxy says who came to it, and the first that is not trusted is the client. */
    client(request) {
      let address = peer(request);
      for (const hop of listOf(request.headers['x-forwarded-for']).map(plain).reverse()) {
        if (!isTrusted(address) || isIP(hop) === 0) break;
        address = hop;
      }
      return address;
    },
  };
}

const isEncrypted = ({ socket }: IncomingMessage) => (socket as TLSSocket).encrypted === true;

const listOf = (header: string | string[] | undefined) =>
  [header ?? '']
    .flat()
    .join(',')
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);

/** Without the port that some proxies add, the brackets and the prefix of IPv4 within IPv6. */
function plain(address: string): string {
  const [, bracketed] = /^\[([^\]]+)\](?::\d+)?$/.exec(address) ?? [];
  const [, four] = /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(address) ?? [];
  return (bracketed ?? four ?? address).replace(/^::ffff:(?=\d+\.)/i, '');
}
