/** The people of the lab: the first administrator, invitations, one-time sign-in addresses. */
import { z } from 'zod';
import { ConflictError } from '../errors.ts';
import type { Database } from '../store/database.ts';
import { createSignInToken } from '../store/sign-in.ts';
import { createToken } from '../store/tokens.ts';
import { createUser, findFirstAdmin, findUserByEmail } from '../store/users.ts';
import { act } from './act.ts';
import { check } from './input.ts';
import { permit } from './permission.ts';
import type { UserRecord } from './records.ts';
import type { Session } from './session.ts';

const day = 24 * 60 * 60 * 1000;

const invitation = z.object({
  email: z.email('This is not an e-mail address.').max(200),
  name: z.string().trim().min(1, 'A person needs a name.').max(100),
  role: z.enum(['VIEWER', 'MEMBER', 'ADMIN']).default('MEMBER'),
});

/** Adds a person and returns the address that signs them in once, within a week. ADMIN only. */
export async function inviteUser(session: Session, input: unknown): Promise<{ user: UserRecord; address: string }> {
  permit(session, 'ADMIN');
  const person = check(invitation, input, []);
  return act(session, 'inviteUser', person, async (transaction) => {
    if (await findUserByEmail(transaction, person.email)) throw new ConflictError(`${person.email} is a member already.`, ['email']);
    const user = await createUser(transaction, person);
    const token = await createSignInToken(transaction, user.id, 7 * day);
    return { result: { user, address: signInAddress(session.origin, token) }, target: `User-${user.id}` };
  });
}

const signInAddress = (origin: string, token: string) => `${origin}/?token=${token}`;

/**
 * The administrator of an empty database, made on the first start, with an ADMIN API token whose secret is returned that once.
 * secret is null on every later start.
 */
export async function prepareAdmin({ prisma }: Database): Promise<{ admin: UserRecord; secret: string | null }> {
  return prisma.$transaction(async (transaction) => {
    const known = await findFirstAdmin(transaction);
    if (known) return { admin: known, secret: null };
    const admin = await createUser(transaction, { email: 'admin@riftlab.local', name: 'Admin', role: 'ADMIN' });
    const { secret } = await createToken(transaction, { userId: admin.id, name: 'first start', role: 'ADMIN', expiresAt: null });
    return { admin, secret };
  });
}

/** An address that signs the first administrator in once, within a day; origin as http://127.0.0.1:4000. */
export async function createAdminAddress({ prisma }: Database, origin: string): Promise<string> {
  const admin = await findFirstAdmin(prisma);
  if (!admin) throw new Error('There is no administrator yet: call prepareAdmin first.');
  return signInAddress(origin, await createSignInToken(prisma, admin.id, day));
}
