/** What the database refuses, as the person who asked hears it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConflictError, LimitExceededError, UnavailableError } from '../../../server/errors.ts';
import { openDatabase } from '../../../server/store/database.ts';
import { requestErrorOf } from '../../../server/store/failure.ts';
import { isPassing } from '../../../server/store/passing.ts';
import { createToken, findToken } from '../../../server/store/tokens.ts';
import { createUser, noteSeen } from '../../../server/store/users.ts';
import { type FreshDatabase, freshDatabase } from '../../helpers/database.ts';

let fresh: FreshDatabase;

beforeAll(async () => {
  fresh = await freshDatabase();
});

afterAll(() => fresh.drop());

const failureOf = (act: Promise<unknown>) => act.then(() => null, requestErrorOf);

describe('a transaction', () => {
  it('has more than seconds for itself, and to wait for its connection, as a busy machine takes', async () => {
    const database = openDatabase(fresh.url, 1);
    const first = database.prisma.$transaction(async (transaction) => {
      await transaction.$queryRaw`SELECT pg_sleep(5.5)::text`;
      return transaction.project.count();
    });
    const second = database.prisma.$transaction((transaction) => transaction.project.count());
    expect(await Promise.all([first, second])).toEqual([0, 0]);
    await database.close();
  });
});

describe('a statement', () => {
  it('is ended after half a minute', async () => {
    const { rows } = await fresh.database.pool.query('SHOW statement_timeout');
    expect(rows).toEqual([{ statement_timeout: '30s' }]);
  });

  it('that took too long is a limit, by the pool and by Prisma', async () => {
    const { pool, prisma } = fresh.database;
    const client = await pool.connect();
    await client.query('SET statement_timeout = 20');
    const byPool = await failureOf(client.query('SELECT pg_sleep(20)'));
    await client.query('SET statement_timeout = 30000');
    client.release();
    const byPrisma = await failureOf(
      prisma.$transaction(async (transaction) => {
        await transaction.$executeRaw`SET LOCAL statement_timeout = 20`;
        await transaction.$queryRaw`SELECT pg_sleep(20)::text`;
      }),
    );
    for (const error of [byPool, byPrisma]) expect(error).toBeInstanceOf(LimitExceededError);
  });

  it('that meets what somebody else just wrote is a conflict', async () => {
    const { pool, prisma } = fresh.database;
    await prisma.project.create({ data: { name: 'p' } });
    const twice = [
      await failureOf(prisma.project.create({ data: { name: 'p' } })),
      await failureOf(pool.query(`INSERT INTO "Project" ("name") VALUES ('p')`)),
      await failureOf(pool.query(`INSERT INTO "RunTag" ("runId", "key", "value") VALUES (77, 'a', 'b')`)),
    ];
    for (const error of twice) expect(error).toBeInstanceOf(ConflictError);
  });

  it('that only the server can mend is no request error', async () => {
    expect(await failureOf(fresh.database.pool.query('SELECT * FROM "NoTable"'))).toBeNull();
    expect(requestErrorOf(new Error('x'))).toBeNull();
    expect(requestErrorOf(null)).toBeNull();
  });

  it('that finds no room on the disk is waited with, and stops nobody from reading', async () => {
    const { database } = fresh;
    const { pool, prisma } = database;
    const user = await createUser(prisma, { email: 'a@b.c', name: 'A', role: 'MEMBER' });
    const { secret } = await createToken(prisma, { userId: user.id, name: 't', role: 'VIEWER', expiresAt: null });
    await pool.query(`CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$`);
    for (const table of ['User', 'ApiToken', 'Project'])
      await pool.query(`CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON "${table}" FOR EACH ROW EXECUTE FUNCTION full_disk()`);
    expect((await findToken(database, secret))?.user.name).toBe('A');
    await noteSeen(database, user);
    const byPrisma = () => prisma.project.create({ data: { name: 'q' } });
    const byPool = () => pool.query(`INSERT INTO "Project" ("name") VALUES ('q')`);
    for (const refused of [byPrisma, byPool]) {
      const error = await refused().then(
        () => null,
        (error: unknown) => error,
      );
      expect(isPassing(error)).toBe(true);
      expect(requestErrorOf(error)).toBeInstanceOf(UnavailableError);
    }
  });
});
