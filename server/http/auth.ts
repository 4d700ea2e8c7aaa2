/** Sign-in of people with e-mail and password: better-auth, of which sign-in.ts mounts what is used. Scripts use API tokens instead. */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { prismaAdapter } from 'better-auth/adapters/prisma';
import { createAuthEndpoint } from 'better-auth/api';
import { setSessionCookie } from 'better-auth/cookies';
import { betterAuth } from 'better-auth/minimal';
import { z } from 'zod';
import type { Database } from '../store/database.ts';
import { notify } from '../store/notifications.ts';
import { grantNewPassword } from '../store/sign-in.ts';
import type { Reach } from './reach.ts';

const day = 24 * 60 * 60;

/** Passwords that one address may try within a minute. */
const guesses = 10;

/** Bounds of a password, in characters. */
export const passwordLength = { least: 10, most: 128 };

interface AuthOptions {
  secret: string;
  secure: boolean;
  /** Of the cookie. */
  path: string;
}

function openAuth(database: Database, { secret, secure, path }: AuthOptions) {
  const { prisma } = database;
  /** Signs a person in whose one-time address has been checked; not reachable over HTTP. */
  const signInOnce = createAuthEndpoint.serverOnly({ method: 'POST', body: z.object({ userId: z.string() }) }, async (context) => {
    const user = await context.context.internalAdapter.findUserById(context.body.userId);
    if (!user) throw context.error('NOT_FOUND');
    const session = await context.context.internalAdapter.createSession(user.id);
    await grantNewPassword(database, user.id, session.id);
    await setSessionCookie(context, { session, user });
    return context.json({ user: user.id });
  });
  return betterAuth({
    basePath: '/api/auth',
    secret,
    database: prismaAdapter(prisma, { provider: 'postgresql' }),
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: passwordLength.least,
      maxPasswordLength: passwordLength.most,
    },
    session: { expiresIn: 30 * day, updateAge: day },
    /** Counted in the database: servers that stand on one count together, and a restart forgives nobody. */
    rateLimit: {
      ...{ enabled: true, storage: 'database', window: 60, max: 300 },
      customRules: { '/sign-in/email': { window: 60, max: guesses } },
    },
    /** The guard has compared it with Host before. */
    trustedOrigins: (request) => [request?.headers.get('origin')].filter((origin) => typeof origin === 'string'),
    /** A session that ends takes its sockets along. */
    databaseHooks: { session: { delete: { after: ({ userId }) => notify(prisma, { type: 'accessChanged', user: userId }) } } },
    advanced: {
      cookiePrefix: `riftlab-${createHash('sha256').update(secret).digest('hex').slice(0, 8)}`,
      useSecureCookies: secure,
      defaultCookieAttributes: { httpOnly: true, sameSite: 'lax', path },
      ipAddress: { ipAddressHeaders: [clientAddressHeader] },
    },
    telemetry: { enabled: false },
    logger: { level: 'error' },
    plugins: [{ id: 'one-time-address', endpoints: { signInOnce } }],
  });
}

export interface Auth {
  /** The one whose cookies fit how the request came: a browser drops a Secure cookie over plain http. */
  of(request: IncomingMessage): ReturnType<typeof openAuth>;
}

/** secret signs the cookies; two labs on one machine have different secrets and so different cookie names. */
export function createAuth(database: Database, secret: string, reach: Reach): Auth {
  const path = reach.basePath || '/';
  const [plain, secure] = [false, true].map((one) => openAuth(database, { secret, secure: one, path })) as [
    ReturnType<typeof openAuth>,
    ReturnType<typeof openAuth>,
  ];
  return { of: (request) => (reach.isSecure(request) ? secure : plain) };
}

/** Set by this server for every request, whatever the client sent. */
export const clientAddressHeader = 'x-riftlab-client';
