/** The first administrator, and one-time addresses. */
import { StartError } from '../errors.ts';
import type { Database, Transaction } from '../store/database.ts';
import { createSignInToken } from '../store/sign-in.ts';
import { createToken } from '../store/tokens.ts';
import { createUser, findFirstAdmin } from '../store/users.ts';
import type { UserRecord } from './records.ts';

const hour = 60 * 60 * 1000;

export interface OneTimeAddress {
  address: string;
  expiresAt: Date;
}

/** An address that signs a person in once. home: address of this server, as http://127.0.0.1:4000. */
export async function oneTimeAddress(transaction: Transaction, userId: string, home: string, hours: number): Promise<OneTimeAddress> {
  const expiresAt = new Date(Date.now() + hours * hour);
  return { address: `${home}/?token=${await createSignInToken(transaction, userId, expiresAt)}`, expiresAt };
}

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

/** An address that signs the first administrator in once, within a day. */
export async function createAdminAddress({ prisma }: Database, home: string): Promise<string> {
  const admin = await findFirstAdmin(prisma);
  if (!admin) throw new StartError('There is no administrator yet: npm start makes one.');
  return (await oneTimeAddress(prisma, admin.id, home, 24)).address;
}
