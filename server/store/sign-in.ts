/** What signs a person in: one-time addresses, of which only the SHA-256 of their token is kept, sessions and passwords. */
import { randomBytes } from 'node:crypto';
import type { Database, Transaction } from './database.ts';
import type { UserRecord } from './records.ts';
import { hashSecret } from './tokens.ts';

const once = 'sign-in:';
const identifierOf = (token: string) => once + hashSecret(token);

/** Held by a session that a one-time address began: it may set a password without knowing the present one. */
const passwordRight = (sessionId: string) => `set-password:${sessionId}`;

const keep = (transaction: Transaction, identifier: string, value: string, expiresAt: Date) =>
  transaction.verification.create({ data: { id: randomBytes(12).toString('hex'), identifier, value, expiresAt } });

export async function createSignInToken(transaction: Transaction, userId: string, expiresAt: Date): Promise<string> {
  const token = randomBytes(24).toString('base64url');
  await keep(transaction, identifierOf(token), userId, expiresAt);
  return token;
}

/** Whether the token would sign somebody in. It stays as it is. */
export async function signInTokenWorks({ prisma }: Database, token: string): Promise<boolean> {
  const found = await prisma.verification.findFirst({ where: { identifier: identifierOf(token), expiresAt: { gt: new Date() } } });
  return found !== null && (await prisma.user.count({ where: { id: found.value, removedAt: null } })) === 1;
}

/** The person whom the token signs in; null for a token that is unknown, used or too old. It works once. */
export async function takeSignInToken({ prisma }: Database, token: string): Promise<UserRecord | null> {
  return prisma.$transaction(async (transaction) => {
    const rows = await transaction.$queryRaw<{ value: string; expiresAt: Date }[]>`
      DELETE FROM "Verification" WHERE "identifier" = ${identifierOf(token)} RETURNING "value", "expiresAt"`;
    const [found] = rows;
    if (!found || found.expiresAt <= new Date()) return null;
    return transaction.user.findUnique({ where: { id: found.value, removedAt: null } });
  });
}

const quarterHour = 15 * 60 * 1000;

export const grantNewPassword = ({ prisma }: Database, userId: string, sessionId: string) =>
  keep(prisma, passwordRight(sessionId), userId, new Date(Date.now() + quarterHour));

/** Takes away the present password of somebody whose session may replace it unknown; true when it did. */
export async function forgetPassword({ prisma }: Database, userId: string, sessionId: string): Promise<boolean> {
  return prisma.$transaction(async (transaction) => {
    const where = { identifier: passwordRight(sessionId), value: userId, expiresAt: { gt: new Date() } };
    const { count } = await transaction.verification.deleteMany({ where });
    if (count > 0) await transaction.account.deleteMany({ where: { userId, providerId: 'credential' } });
    return count > 0;
  });
}

/** Ends every one-time address of a person. */
export const endAddresses = (transaction: Transaction, userId: string) =>
  transaction.verification.deleteMany({ where: { value: userId, identifier: { startsWith: once } } });

/** Ends every session and the password of a person. */
export async function endSignIns(transaction: Transaction, userId: string): Promise<void> {
  await endAddresses(transaction, userId);
  await transaction.session.deleteMany({ where: { userId } });
  await transaction.account.deleteMany({ where: { userId } });
}
