/** A refusal, in one form wherever it comes from. */
import type { Response } from 'express';
import { type RequestError, UnavailableError } from '../errors.ts';

/**
 * The form is that of GraphQL's errors, which whoever talks to this server reads already. Where no GraphQL is spoken, message and code
 * stand beside them, for scripts. id: of an entry in the log.
 */
export function refuse(response: Response, status: number, code: string, message: string, id?: string): void {
  const errors = [{ message, extensions: { code, ...(id !== undefined && { id }) } }];
  const [path] = response.req.originalUrl.split('?');
  response.status(status).json(path?.endsWith('/graphql') ? { errors } : { message, code, errors });
}

/** Answers somebody who was not identified. */
export function refuseViewer(response: Response, error: RequestError): void {
  const isAway = error instanceof UnavailableError;
  if (isAway) response.set('Retry-After', '5');
  refuse(response, isAway ? 503 : 401, error.code, error.message);
}
