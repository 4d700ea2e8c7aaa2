/** What the database refuses for reasons that the person who asked can do something about. */
import { ConflictError, LimitExceededError, type RequestError, UnavailableError } from '../errors.ts';
import { statementSeconds } from './database.ts';

/** The parts of pg's, Prisma's and the adapter's errors that are looked at. */
interface Failure {
  code?: unknown;
  cause?: unknown;
  originalCode?: unknown;
  meta?: { driverAdapterError?: unknown };
}

/** Prisma's own codes for what has one in Postgres too. */
const statesOfPrisma: Record<string, string> = { P2002: '23505', P2034: '40001' };

/** The five characters by which Postgres names the failure; undefined for one that is not its own. */
export function sqlStateOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { code, cause, originalCode, meta } = error as Failure;
  const own = [originalCode, code].find((one) => typeof one === 'string' && /^[0-9A-Z]{5}$/.test(one)) as string | undefined;
  return sqlStateOf(meta?.driverAdapterError) ?? sqlStateOf(cause) ?? (own && (statesOfPrisma[own] ?? own));
}

const diskFull = '53100';

/** For what is only noted: a database without room can still be read. */
export function unlessFull(error: unknown): void {
  if (sqlStateOf(error) !== diskFull) throw error;
}

/** Null for what only the people who run the server can mend. */
export function requestErrorOf(error: unknown): RequestError | null {
  switch (sqlStateOf(error)) {
    case '57014':
      return new LimitExceededError(`This took longer than ${statementSeconds} seconds and was ended: ask for less, or filter more.`);
    case '23505':
      return new ConflictError('Somebody made the same at the same moment: look at what is there now.');
    case '23503':
      return new ConflictError('Something that this refers to was removed at the same moment: look at what is there now.');
    case '40001':
    case '40P01':
      return new ConflictError('Somebody changed the same at the same moment: send it again.');
    case diskFull:
      return new UnavailableError('The disk of the database is full: nothing can be kept until there is room on it.');
    default:
      return null;
  }
}
