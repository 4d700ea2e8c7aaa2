/** API tokens: the secret leaves once, its SHA-256 stays. */
import { createHash, randomBytes } from 'node:crypto';
import type { Database, Transaction } from './database.ts';
import type { Role, TokenRecord, UserRecord } from './records.ts';

const prefix = 'riftlab_';

/** Whether the text has the form of a token; not whether it is valid. */
export const isToken = (text: string) => /^riftlab_[\w-]{43}$/.test(text);

export const hashSecret = (secret: string) => createHash('sha256').update(secret).digest('hex');

export interface NewToken {
  userId: string;
  name: string;
  role: Role;
  expiresAt: Date | null;
  /** The token by which it is made; it ends with that one. */
  parentId?: number | null;
}

export async function createToken(transaction: Transaction, token: NewToken): Promise<{ token: TokenRecord; secret: string }> {
  const secret = prefix + randomBytes(32).toString('base64url');
  return { token: await transaction.apiToken.create({ data: { ...token, secretHash: hashSecret(secret) } }), secret };
}

/** The valid token of this secret and its owner; notes at most once a minute that it was used. */
export async function findToken({ prisma }: Database, secret: string): Promise<{ token: TokenRecord; user: UserRecord } | null> {
  if (!secret.startsWith(prefix)) return null;
  const found = await prisma.apiToken.findUnique({ where: { secretHash: hashSecret(secret) }, include: { user: true } });
  if (!found || found.revokedAt || found.user.removedAt || (found.expiresAt && found.expiresAt <= new Date())) return null;
  const { user, ...token } = found;
  const minuteAgo = new Date(Date.now() - 60_000);
  if (!token.lastUsedAt || token.lastUsedAt < minuteAgo) {
    await prisma.apiToken.updateMany({ where: { id: token.id }, data: { lastUsedAt: new Date() } });
  }
  return { token, user };
}

/** Whether the secret was made by this database, be it valid or not. */
export const isOwnToken = async ({ prisma }: Database, secret: string): Promise<boolean> =>
  (await prisma.apiToken.count({ where: { secretHash: hashSecret(secret) } })) > 0;

/** Ends a token and those that were made by it, and by those. */
export async function revokeToken(transaction: Transaction, id: number): Promise<TokenRecord> {
  await transaction.$executeRaw`
    WITH RECURSIVE ended AS (
      SELECT "id" FROM "ApiToken" WHERE "id" = ${id}
      UNION SELECT child."id" FROM "ApiToken" child JOIN ended ON child."parentId" = ended."id")
    UPDATE "ApiToken" SET "revokedAt" = now() WHERE "id" IN (SELECT "id" FROM ended) AND "revokedAt" IS NULL`;
  return transaction.apiToken.findUniqueOrThrow({ where: { id } });
}

export const revokeTokensOf = (transaction: Transaction, userId: string) =>
  transaction.apiToken.updateMany({ where: { userId, revokedAt: null }, data: { revokedAt: new Date() } });
