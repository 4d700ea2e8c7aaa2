/** The path that stands before everything where the server is a part of a site. */
import type { IncomingMessage } from 'node:http';

/** The request's path inside the server: some proxies take the base path away, others leave it. */
export function insidePath(url: string, basePath: string): string {
  if (!basePath || !url.startsWith(basePath)) return url;
  const rest = url.slice(basePath.length);
  if (rest.startsWith('/')) return rest;
  return rest === '' || rest.startsWith('?') ? `/${rest}` : url;
}

/** The path as pages, which know the base path, expect it. */
export const outsidePath = (url: string, basePath: string) => (basePath ? basePath + url.replace(/^\/(?=\?|$)/, '') : url);

/** From here on the request is for a path inside the server. */
export function enter(request: IncomingMessage, basePath: string): void {
  request.url = insidePath(request.url ?? '/', basePath);
}
