/** Finds out who sends a request: an API token, or a session's cookie. */
import type { IncomingHttpHeaders } from 'node:http';
import { UnauthenticatedError } from '../errors.ts';
import { lesser } from '../services/permission.ts';
import type { Viewer } from '../services/session.ts';
import { usersById } from '../store/batches.ts';
import type { Database } from '../store/database.ts';
import { findToken } from '../store/tokens.ts';
import type { Auth } from './auth.ts';

export interface Access {
  /** Null without credentials. Throws UnauthenticatedError for a token that is not valid. */
  identify(headers: IncomingHttpHeaders): Promise<Viewer | null>;
}

export const createAccess = (database: Database, auth: Auth): Access => ({
  async identify({ authorization, cookie }) {
    if (authorization !== undefined) return byToken(database, authorization);
    return cookie === undefined ? null : byCookie(database, auth, cookie);
  },
});

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
