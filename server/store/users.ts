/** People of the lab. Their sessions and passwords are better-auth's. */
import { randomBytes } from 'node:crypto';
import type { Database, Transaction } from './database.ts';
import { unlessFull } from './failure.ts';
import type { Role, UserRecord } from './records.ts';

export interface NewUser {
  email: string;
  name: string;
  role: Role;
}

export const findUser = (transaction: Transaction, id: string): Promise<UserRecord | null> =>
  transaction.user.findUnique({ where: { id } });

export const findUserByEmail = (transaction: Transaction, email: string) =>
  transaction.user.findUnique({ where: { email: email.toLowerCase() } });

export const createUser = (transaction: Transaction, user: NewUser) =>
  transaction.user.create({
    data: { ...user, id: randomBytes(12).toString('hex'), email: user.email.toLowerCase(), emailVerified: true },
  });

export const changeUser = (transaction: Transaction, id: string, data: { name?: string; role?: Role; removedAt?: Date | null }) =>
  transaction.user.update({ where: { id }, data });

/** Members first, in the order that they came; then those who have left. */
export const listUsers = ({ prisma }: Database, most: number): Promise<UserRecord[]> =>
  prisma.user.findMany({ orderBy: [{ removedAt: { sort: 'asc', nulls: 'first' } }, { createdAt: 'asc' }, { id: 'asc' }], take: most });

/** The administrator who has been here longest. */
export const findFirstAdmin = (transaction: Transaction): Promise<UserRecord | null> =>
  transaction.user.findFirst({ where: { role: 'ADMIN', removedAt: null }, orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] });

/** Ids of the administrators, held until the transaction ends: of two who remove each other, the second sees what the first did. */
export async function lockAdmins(transaction: Transaction): Promise<string[]> {
  const rows = await transaction.$queryRaw<{ id: string }[]>`
    SELECT "id" FROM "User" WHERE "role" = 'ADMIN' AND "removedAt" IS NULL ORDER BY "id" FOR UPDATE`;
  return rows.map(({ id }) => id);
}

/** Notes at most once a minute that somebody was here. */
export async function noteSeen({ prisma }: Database, { id, lastSeenAt }: UserRecord): Promise<void> {
  const minuteAgo = new Date(Date.now() - 60_000);
  if (lastSeenAt && lastSeenAt >= minuteAgo) return;
  await prisma.$executeRaw`UPDATE "User" SET "lastSeenAt" = now() WHERE "id" = ${id}`.catch(unlessFull);
}
