/** One-time addresses that sign a person in: only the SHA-256 of their token is kept. */
import { randomBytes } from 'node:crypto';
import type { Database, Transaction } from './database.ts';
import type { UserRecord } from './records.ts';
import { hashSecret } from './tokens.ts';

const identifierOf = (token: string) => `sign-in:${hashSecret(token)}`;

export async function createSignInToken(transaction: Transaction, userId: string, validMilliseconds: number): Promise<string> {
  const token = randomBytes(24).toString('base64url');
  await transaction.verification.create({
    data: {
      id: randomBytes(12).toString('hex'),
      identifier: identifierOf(token),
      value: userId,
      expiresAt: new Date(Date.now() + validMilliseconds),
    },
  });
  return token;
}

/** The person whom the token signs in; null for a token that is unknown, used or too old. It works once. */
export async function takeSignInToken({ prisma }: Database, token: string): Promise<UserRecord | null> {
  return prisma.$transaction(async (transaction) => {
    const rows = await transaction.$queryRaw<{ value: string; expiresAt: Date }[]>`
      DELETE FROM "Verification" WHERE "identifier" = ${identifierOf(token)} RETURNING "value", "expiresAt"`;
    const [found] = rows;
    if (!found || found.expiresAt <= new Date()) return null;
    return transaction.user.findUnique({ where: { id: found.value } });
  });
}
