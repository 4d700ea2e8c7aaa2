/** Signing in and out: one-time addresses, e-mail and password. What better-auth can do beyond that is not mounted. */
import { toNodeHandler } from 'better-auth/node';
import express, { type ErrorRequestHandler, type Request, type RequestHandler, type Response, Router } from 'express';
import { z } from 'zod';
import { recordAct } from '../store/audit.ts';
import type { Database } from '../store/database.ts';
import { forgetPassword, signInTokenWorks, takeSignInToken } from '../store/sign-in.ts';
import { findUserByEmail, noteSeen } from '../store/users.ts';
import { type Auth, clientAddressHeader, passwordLength } from './auth.ts';
import { destinationOf } from './destination.ts';
import { sendPlainPage } from './plain-page.ts';
import type { Reach } from './reach.ts';
import { refuse } from './refuse.ts';

const password = z
  .string('Send it as a text.')
  .min(passwordLength.least, `A password has at least ${passwordLength.least} characters.`)
  .max(passwordLength.most, `A password has at most ${passwordLength.most} characters.`);
const anyPassword = z.string('Send it as a text.').max(1000);

/** What is mounted of better-auth: path below /api/auth, and the body it takes. */
const routes: Record<string, z.ZodType> = {
  '/sign-in/email': z.strictObject({ email: z.string().max(200), password: anyPassword, rememberMe: z.boolean().optional() }),
  '/sign-out': z.strictObject({}),
  '/change-password': z.strictObject({
    currentPassword: anyPassword,
    newPassword: password,
    revokeOtherSessions: z.boolean().optional(),
  }),
};

interface SignInParts {
  database: Database;
  auth: Auth;
  reach: Reach;
}

export function signInRouter(parts: SignInParts): Router {
  const router = Router();
  router.get('/', (request, response, next) => offer(parts, request, response, next));
  router.post('/', (request, response, next) => spend(parts, request, response, next));
  const body = express.json({ limit: 10_000 });
  router.post('/api/auth/set-password', body, checked(z.strictObject({ newPassword: password })), (request, response) =>
    setPassword(parts, request, response),
  );
  for (const [path, schema] of Object.entries(routes)) {
    router.post(`/api/auth${path}`, body, checked(schema), (request, response) => pass(parts, path, request, response));
  }
  router.use('/api/auth', nothingHere, refuseBody);
  return router;
}

const tokenOf = ({ query }: Request) => (typeof query.token === 'string' ? query.token : null);

const nothingHere: RequestHandler = (_request, response) => refuse(response, 404, 'NOT_FOUND', 'There is no such address.');

/** GET and HEAD only look: link previews and prefetching do the same. */
async function offer({ database, auth, reach }: SignInParts, request: Request, response: Response, next: () => void): Promise<void> {
  const token = tokenOf(request);
  if (token === null) return next();
  if (!(await signInTokenWorks(database, token))) return leadOn({ database, auth, reach }, request, response);
  sendPlainPage(response, 200, {
    title: 'Sign in to RiftLab',
    text: ['This address signs you in once. After that, set a password on the account page.'],
    button: 'Sign in',
  });
}

/** A page of another site can't send this: the guard has looked at Origin and Sec-Fetch-Site. */
async function spend(parts: SignInParts, request: Request, response: Response, next: () => void): Promise<void> {
  const token = tokenOf(request);
  if (token === null) return next();
  const { database, auth, reach } = parts;
  const user = await takeSignInToken(database, token);
  if (!user) return leadOn(parts, request, response);
  const { headers } = await auth.of(request).api.signInOnce({
    body: { userId: user.id },
    headers: headersOf(request, reach),
    returnHeaders: true,
  });
  await noteSeen(database, user);
  await audit(database, user.id, 'signInOnce');
  response.append('Set-Cookie', headers.getSetCookie());
  response.redirect(303, destinationFor(request, reach));
}

/** From an address that does not work: who is signed in goes on, others learn how to get a new one. */
async function leadOn({ auth, reach }: SignInParts, request: Request, response: Response): Promise<void> {
  const session = await auth.of(request).api.getSession({ headers: headersOf(request, reach), query: { disableRefresh: true } });
  const { next } = request.query;
  const wanted = typeof next === 'string' ? `&next=${encodeURIComponent(next)}` : '';
  const signIn = `${reach.basePath}/sign-in?expired${wanted}`;
  response.redirect(303, session ? destinationFor(request, reach) : signIn);
}

const destinationFor = (request: Request, reach: Reach) =>
  destinationOf(request.query.next, new URL(reach.home(request)).origin, reach.basePath);

const checked =
  (schema: z.ZodType): RequestHandler =>
  (request, response, next) => {
    const result = schema.safeParse(request.body ?? {});
    if (result.success) return next();
    const [issue] = result.error.issues;
    refuse(response, 400, 'BAD_USER_INPUT', [issue?.path.join('.'), issue?.message].filter(Boolean).join(': '));
  };

/** Hands the request to better-auth; notes in the audit what came of it. */
async function pass({ database, auth, reach }: SignInParts, path: string, request: Request, response: Response): Promise<void> {
  request.headers[clientAddressHeader] = reach.client(request);
  const session = await auth.of(request).api.getSession({ headers: headersOf(request, reach), query: { disableRefresh: true } });
  await toNodeHandler(auth.of(request))(request, response);
  if (response.statusCode !== 200) return;
  const { email } = request.body as { email?: string };
  const user = email === undefined ? session?.user.id : (await findUserByEmail(database.prisma, email))?.id;
  if (user) await audit(database, user, actions[path] ?? path);
}

const actions: Record<string, string> = { '/sign-in/email': 'signIn', '/sign-out': 'signOut', '/change-password': 'changePassword' };

const audit = ({ prisma }: Database, userId: string, action: string) =>
  recordAct(prisma, { userId, tokenId: null, action, target: `User-${userId}`, arguments: {} });

/** Takes {newPassword}. For somebody who has none yet, or who has just come in by a one-time address; others use change-password. */
async function setPassword({ database, auth, reach }: SignInParts, request: Request, response: Response): Promise<void> {
  const { api } = auth.of(request);
  const headers = headersOf(request, reach);
  const signedIn = await api.getSession({ headers, query: { disableRefresh: true } });
  if (!signedIn) return refuse(response, 401, 'UNAUTHENTICATED', 'Sign in first.');
  await forgetPassword(database, signedIn.user.id, signedIn.session.id);
  const { newPassword } = request.body as { newPassword: string };
  try {
    response.json(await api.setPassword({ body: { newPassword }, headers }));
  } catch (error) {
    const { statusCode, body } = error as Error & { statusCode?: number; body?: { message?: string; code?: string } };
    if (!statusCode) throw error;
    return refuse(response, statusCode, body?.code ?? 'BAD_REQUEST', body?.message ?? 'The password was not set.');
  }
  await audit(database, signedIn.user.id, 'setPassword');
}

const refuseBody: ErrorRequestHandler = (error: Error & { status?: number }, _request, response, next) => {
  if (error.status && error.status < 500)
    refuse(response, error.status, 'BAD_REQUEST', `The body cannot be read as JSON: ${error.message}`);
  else next(error);
};

function headersOf(request: Request, reach: Reach): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  headers.set(clientAddressHeader, reach.client(request));
  return headers;
}
