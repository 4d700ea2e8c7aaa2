/** The connection to Postgres: Prisma for records, the pool beneath it for bulk statements. */
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { type Prisma, PrismaClient } from './generated/client.ts';

export interface Database {
  prisma: PrismaClient;
  pool: pg.Pool;
  close(): Promise<void>;
}

/** Prisma's client, or one of its interactive transactions. */
export type Transaction = Prisma.TransactionClient;

/** A statement that takes longer is ended by Postgres: the last resort against one that no limit foresaw. */
export const statementSeconds = 30;

/** A machine that is gone does not refuse a connection; it says nothing. */
const connectionTimeoutMillis = 15_000;

/**
 * Of a transaction of several statements: for its connection, and for all of it. A machine that computes on every core lets a
 * process wait for seconds between two statements.
 */
const transactionOptions = { maxWait: 20_000, timeout: 60_000 };

export function openDatabase(url: string, connections = 10): Database {
  const limits = { max: connections, connectionTimeoutMillis, statement_timeout: statementSeconds * 1000 };
  const pool = new pg.Pool({ connectionString: url, keepAlive: true, ...limits });
  // The pool has let go of an idle connection that ends, and opens another; without a listener the process would end.
  pool.on('error', () => {});
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool), transactionOptions });
  return {
    prisma,
    pool,
    async close() {
      await prisma.$disconnect();
      if (!pool.ended) await pool.end();
    },
  };
}
