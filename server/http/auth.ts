/** Sign-in of people with e-mail and password: better-auth, mounted at /api/auth. Scripts use API tokens instead. */
import { createHash } from 'node:crypto';
import { prismaAdapter } from 'better-auth/adapters/prisma';
import { createAuthEndpoint } from 'better-auth/api';
import { setSessionCookie } from 'better-auth/cookies';
import { betterAuth } from 'better-auth/minimal';
import { z } from 'zod';
import type { Database } from '../store/database.ts';

const day = 24 * 60 * 60;

/** Signs a person in whose one-time address has been checked; not reachable over HTTP. */
const signInOnce = createAuthEndpoint.serverOnly({ method: 'POST', body: z.object({ userId: z.string() }) }, async (context) => {
  const user = await context.context.internalAdapter.findUserById(context.body.userId);
  if (!user) throw context.error('NOT_FOUND');
  const session = await context.context.internalAdapter.createSession(user.id);
  await setSessionCookie(context, { session, user });
  return context.json({ user: user.id });
});

/** secret signs the cookies; two labs on one machine have different secrets and so different cookie names. */
export function createAuth({ prisma }: Database, secret: string) {
  return betterAuth({
    basePath: '/api/auth',
    secret,
    database: prismaAdapter(prisma, { provider: 'postgresql' }),
    emailAndPassword: { enabled: true, disableSignUp: true, minPasswordLength: 10 },
    session: { expiresIn: 30 * day, updateAge: day },
    rateLimit: { enabled: true, window: 60, max: 300, customRules: { '/sign-in/email': { window: 60, max: 10 } } },
    /** The guard has compared Host and Origin before. */
    trustedOrigins: (request) => (request ? [`http://${request.headers.get('host')}`, `https://${request.headers.get('host')}`] : []),
    advanced: {
      cookiePrefix: `riftlab-${createHash('sha256').update(secret).digest('hex').slice(0, 8)}`,
      defaultCookieAttributes: { httpOnly: true, sameSite: 'lax' },
      ipAddress: { ipAddressHeaders: [clientAddressHeader] },
    },
    telemetry: { enabled: false },
    logger: { level: 'error' },
    plugins: [{ id: 'one-time-address', endpoints: { signInOnce } }],
  });
}

/** Set by this server for every request, whatever the client sent. */
export const clientAddressHeader = 'x-riftlab-client';

export type Auth = ReturnType<typeof createAuth>;
