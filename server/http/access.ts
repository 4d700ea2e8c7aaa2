/** Finds out who sends a request: an API token, or a session's cookie. */
import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import { RequestError, UnauthenticatedError, UnavailableError } from '../errors.ts';
import { lesser } from '../services/permission.ts';
import type { Viewer } from '../services/session.ts';
import { usersById } from '../store/batches.ts';
import type { Database } from '../store/database.ts';
import { findToken } from '../store/tokens.ts';
import { noteSeen } from '../store/users.ts';
import type { Auth } from './auth.ts';

export interface Access {
  /**
   * By the token in authorization, which a socket sends after its headers, or by the request's cookie. Null without credentials, or for a session that has ended. Throws UnauthenticatedError for a token that is not valid, and
   * UnavailableError when nobody can tell just now: that is no reason to sign in again.
   */
  identify(request: IncomingMessage, authorization?: string): Promise<Viewer | null>;
}

export const createAccess = (database: Database, auth: Auth, log: Logger): Access => ({
  async identify(request, authorization = request.headers.authorization) {
    try {
      const viewer = await (authorization === undefined ? byCookie(database, auth, request) : byToken(database, authorization));
      if (viewer) await noteSeen(database, viewer.user);
      return viewer;
    } catch (error) {
      if (error instanceof RequestError) throw error;
      log.error({ err: error }, 'who asks could not be found out');
      throw new UnavailableError('Who you are cannot be looked up just now, because the database does not answer. Try again in a moment.');
    }
  },
});

async function byToken(database: Database, authorization: string): Promise<Viewer> {
  const secret = /^(?:Bearer\s+)?(\S+)$/i.exec(authorization)?.[1];
  const found = secret ? await findToken(database, secret) : null;
  if (!found) throw new UnauthenticatedError('This API token is unknown, revoked or expired. Send "Authorization: Bearer TOKEN".');
  const { user, token } = found;
  return { user, role: lesser(user.role, token.role), token, until: token.expiresAt };
}

async function byCookie(database: Database, auth: Auth, request: IncomingMessage): Promise<Viewer | null> {
  const { cookie } = request.headers;
  if (cookie === undefined) return null;
  const found = await auth.of(request).api.getSession({ headers: new Headers({ cookie }), query: { disableRefresh: true } });
  if (!found) return null;
  const [user] = await usersById(database, [found.user.id]);
  return user && !user.removedAt ? { user, role: user.role, token: null, until: found.session.expiresAt } : null;
}
