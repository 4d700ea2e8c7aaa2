/** The one-time address, and the first password of somebody who came in by it. */
import express, { type NextFunction, type Request, type Response, Router } from 'express';
import type { Database } from '../store/database.ts';
import { takeSignInToken } from '../store/sign-in.ts';
import { type Auth, clientAddressHeader } from './auth.ts';

/** GET /?token=… signs in and goes on to / without the token; a token that does not work leads to /sign-in?expired. */
export function signInRouter(database: Database, auth: Auth): Router {
  const router = Router();
  router.get('/', async (request, response, next) => {
    const { token } = request.query;
    if (typeof token !== 'string') return next();
    const user = await takeSignInToken(database, token);
    response.set('Cache-Control', 'no-store');
    if (!user) return response.redirect(303, '/sign-in?expired');
    const { headers } = await auth.api.signInOnce({ body: { userId: user.id }, headers: headersOf(request), returnHeaders: true });
    response.append('Set-Cookie', headers.getSetCookie());
    response.redirect(303, '/');
  });
  router.post('/api/auth/set-password', express.json({ limit: 10_000 }), (request, response, next) =>
    setPassword(auth, request, response, next),
  );
  return router;
}

/** Takes {newPassword}. Only for somebody who has none yet; others use /api/auth/change-password. */
async function setPassword(auth: Auth, request: Request, response: Response, next: NextFunction): Promise<void> {
  try {
    const { newPassword } = request.body as { newPassword?: unknown };
    if (typeof newPassword !== 'string') throw Object.assign(new Error('Send newPassword.'), { statusCode: 400 });
    response.json(await auth.api.setPassword({ body: { newPassword }, headers: headersOf(request) }));
  } catch (error) {
    const { statusCode, body, message } = error as Error & { statusCode?: number; body?: { message?: string; code?: string } };
    if (!statusCode) return next(error);
    response.status(statusCode).json({ message: body?.message ?? message, code: body?.code });
  }
}

export function headersOf(request: Request): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  headers.set(clientAddressHeader, request.socket.remoteAddress ?? '');
  return headers;
}
