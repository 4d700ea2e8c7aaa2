/** API tokens: the secret leaves once, its SHA-256 stays. */
import { createHash, randomBytes } from 'node:crypto';
import type { Database, Transaction } from './database.ts';
import { unlessFull } from './failure.ts';
import { Prisma } from './generated/client.ts';
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

const tokenFields = Object.keys(Prisma.ApiTokenScalarFieldEnum);
const userFields = Object.keys(Prisma.UserScalarFieldEnum);
const selected = (alias: 'token' | 'user', fields: string[]) =>
  fields.map((name) => `"${alias}"."${name}" AS "${alias}.${name}"`).join(', ');
const recordOf = <Row>(alias: 'token' | 'user', fields: string[], row: Record<string, unknown>) =>
  Object.fromEntries(fields.map((name) => [name, row[`${alias}.${name}`]])) as Row;

/** Every request of a script begins with this: one statement, planned once a connection. */
const findStatement = {
  name: 'findToken',
  text: `SELECT ${selected('token', tokenFields)}, ${selected('user', userFields)}
    FROM "ApiToken" "token" JOIN "User" "user" ON "user"."id" = "token"."userId" WHERE "token"."secretHash" = $1`,
};

/** The valid token of this secret and its owner; notes at most once a minute that it was used. */
export async function findToken({ pool, prisma }: Database, secret: string): Promise<{ token: TokenRecord; user: UserRecord } | null> {
  if (!secret.startsWith(prefix)) return null;
  const [row] = (await pool.query<Record<string, unknown>>({ ...findStatement, values: [hashSecret(secret)] })).rows;
  if (!row) return null;
  const token = recordOf<TokenRecord>('token', tokenFields, row);
  const user = recordOf<UserRecord>('user', userFields, row);
  if (token.revokedAt || user.removedAt || (token.expiresAt && token.expiresAt <= new Date())) return null;
  const minuteAgo = new Date(Date.now() - 60_000);
  if (!token.lastUsedAt || token.lastUsedAt < minuteAgo) {
    await prisma.apiToken.updateMany({ where: { id: token.id }, data: { lastUsedAt: new Date() } }).catch(unlessFull);
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
