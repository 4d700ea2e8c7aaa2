/** What of a request may reach the pages: they are read, by addresses that can be read, and what is below /api is no page. */
import type { RequestHandler } from 'express';
import { refuse } from './refuse.ts';

export const onlyForPages: RequestHandler = (request, response, next) => {
  const { method, path } = request;
  if (!canBeRead(path)) return refuse(response, 400, 'BAD_REQUEST', 'The address cannot be read.');
  if (path === '/api' || path.startsWith('/api/')) return refuse(response, 404, 'NOT_FOUND', 'There is no such address.');
  if (method === 'GET' || method === 'HEAD') return next();
  refuse(response.set('Allow', 'GET, HEAD'), 405, 'BAD_REQUEST', 'Pages are read with GET.');
};

function canBeRead(path: string): boolean {
  try {
    return !decodeURIComponent(path).includes('\0');
  } catch {
    return false;
  }
}
