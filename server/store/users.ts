/** People of the lab. Their sessions and passwords are better-auth's. */
import { randomBytes } from 'node:crypto';
import type { Database, Transaction } from './database.ts';
import type { Role, UserRecord } from './records.ts';

export interface NewUser {
  email: string;
  name: string;
  role: Role;
}

export const findUserByEmail = (transaction: Transaction, email: string) =>
  transaction.user.findUnique({ where: { email: email.toLowerCase() } });

export const createUser = (transaction: Transaction, user: NewUser) =>
  transaction.user.create({
    data: { ...user, id: randomBytes(12).toString('hex'), email: user.email.toLowerCase(), emailVerified: true },
  });

/** The administrator who has been here longest. */
export const findFirstAdmin = (transaction: Transaction): Promise<UserRecord | null> =>
  transaction.user.findFirst({ where: { role: 'ADMIN' }, orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] });

export const usersExist = async ({ prisma }: Database) => (await prisma.user.count({ take: 1 })) > 0;
