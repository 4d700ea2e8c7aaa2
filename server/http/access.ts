/** Finds out who sends a request: an API token, or a session's cookie. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Response } from 'express';
import type { Logger } from 'pino';
import { RequestError, UnauthenticatedError, UnavailableError } from '../errors.ts';
import { lesser } from '../services/permission.ts';
import type { Viewer } from '../services/session.ts';
import { usersById } from '../store/batches.ts';
import type { Database } from '../store/database.ts';
import { findToken } from '../store/tokens.ts';
import type { Auth } from './auth.ts';

export interface Access {
  /**
   * Null without credentials, or for a session that has ended. Throws UnauthenticatedError for a token that is not valid, and
   * UnavailableError when nobody can tell just now: that is no reason to sign in again.
   */
  identify(headers: IncomingHttpHeaders): Promise<Viewer | null>;
}

export const createAccess = (database: Database, auth: Auth, log: Logger): Access => ({
  async identify({ authorization, cookie }) {
    try {
      if (authorization !== undefined) return await byToken(database, authorization);
      return cookie === undefined ? null : await byCookie(database, auth, cookie);
    } catch (error) {
      if (error instanceof RequestError) throw error;
      log.error({ err: error }, 'who asks could not be found out');
      throw new UnavailableError('Who you are cannot be looked up just now, because the database does not answer. Try again in a moment.');
    }
  },
});

/** Sets the status of an answer to somebody who was not identified. */
export function refusedStatus(response: Response, error: RequestError): Response {
  if (error instanceof UnavailableError) return response.status(503).set('Retry-After', '5');
  return response.status(401);
}

async function byToken(database: Database, authorization: string): Promise<Viewer> {
  const secret = /^(?:Bearer\s+)?(\S+)$/i.exec(authorization)?.[1];
  const found = secret ? await findToken(database, secret) : null;
  if (!found) throw new UnauthenticatedError('This API token is unknown, revoked or expired. Send "Authorization: Bearer TOKEN".');
  const { user, token } = found;
  return { user, role: lesser(user.role, token.role), tokenId: token.id };
}

async function byCookie(database: Database, auth: Auth, cookie: string): Promise<Viewer | null> {
  const session = await auth.api.getSession({ headers: new Headers({ cookie }), query: { disableRefresh: true } });
  if (!session) return null;
  const [user] = await usersById(database, [session.user.id]);
  return user ? { user, role: user.role, tokenId: null } : null;
}
