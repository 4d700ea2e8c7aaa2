/** The log of a run. Lines are written by server/store/recording.ts. */
import type { Database } from './database.ts';

/** Lines after `after` (a sequence number), in order. */
export function readLines({ prisma }: Database, run: number, after: number | null, first: number) {
  return prisma.logLine.findMany({
    where: { runId: run, ...(after === null ? {} : { seq: { gt: BigInt(after) } }) },
    orderBy: { seq: 'asc' },
    take: first,
  });
}

/** Lines between two sequence numbers, both included. */
export function readLineRange({ prisma }: Database, run: number, from: number, to: number, most: number) {
  return prisma.logLine.findMany({
    where: { runId: run, seq: { gte: BigInt(from), lte: BigInt(to) } },
    orderBy: { seq: 'asc' },
    take: most,
  });
}
