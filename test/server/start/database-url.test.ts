/** A Postgres of one's own, reached by real addresses that are wrong in every way, and shared by two servers. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { reachDatabase } from '../../../server/store/reach.ts';
import { lockServer, type ServerLock } from '../../../server/store/server-lock.ts';
import { type FreshDatabase, freshDatabase } from '../../helpers/database.ts';
import { waitUntil } from '../../helpers/runs.ts';

let fresh: FreshDatabase;
const locks: ServerLock[] = [];

beforeAll(async () => {
  fresh = await freshDatabase();
});
afterEach(() => Promise.all(locks.splice(0).map((lock) => lock.release())));
afterAll(() => fresh.drop());

function changed(change: (url: URL) => void): string {
  const url = new URL(inject('postgresUrl'));
  change(url);
  return url.toString();
}

async function freePort(): Promise<number> {
  const server = await listening(0);
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function listening(port: number): Promise<Server> {
  const server = createServer((socket) => socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return server;
}

function selfSigned(): { key: string; cert: string } {
  const folder = mkdtempSync(join(tmpdir(), 'riftlab-test-certificate-'));
  const files = { key: join(folder, 'key'), cert: join(folder, 'cert') };
  const options = ['-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-keyout', files.key, '-out', files.cert];
  spawnSync('openssl', ['req', '-x509', ...options]);
  const read = { key: readFileSync(files.key, 'utf8'), cert: readFileSync(files.cert, 'utf8') };
  rmSync(folder, { recursive: true });
  return read;
}

describe('DATABASE_URL', () => {
  it('is fine when the database answers', () => reachDatabase(fresh.url));

  it.each([
    ['a wrong password', (url: URL) => (url.password = 'wrong'), /refuses the password of "riftlab"\. Correct DATABASE_URL/],
    ['no password', (url: URL) => (url.password = ''), /wants a password for "riftlab", and DATABASE_URL has none\./],
    ['an unknown user', (url: URL) => (url.username = 'nobody'), /refuses the password of "nobody"/],
    ['an unknown database', (url: URL) => (url.pathname = 'none'), /has no database "none"\. Create it \(createdb none\)/],
    ['encryption that is not there', (url: URL) => (url.search = '?sslmode=verify-full'), /has no encryption, and sslmode asks for it/],
  ])('with %s is refused at once, in one line', async (_what, change, message) => {
    const problem = await reachDatabase(changed(change)).then(
      () => '',
      (error: Error) => error.message,
    );
    expect(problem).toMatch(message);
    expect(problem).not.toContain('\n');
    expect(problem).not.toContain(new URL(inject('postgresUrl')).password);
  });

  it.runIf(spawnSync('openssl', ['version']).status === 0)('with a certificate that nobody vouches for says how to trust it', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => {
        socket.write('S');
        new TLSSocket(socket, { isServer: true, ...selfSigned() }).on('error', () => {});
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const url = `postgresql://riftlab:secret@127.0.0.1:${port}/lab?sslmode=verify-full`;
    await expect(reachDatabase(url)).rejects.toThrow(
      /^The certificate of the Postgres at 127\.0\.0\.1:\d+ is not trusted: self-signed certificate\. Name the file .*sslrootcert=.*sslmode=no-verify\.$/,
    );
    await new Promise((resolve) => server.close(resolve));
  });

  it.each([
    ['refused', async () => changed((url) => (url.port = '1')), /does not run: nothing listens there \(ECONNREFUSED\)\./],
    ['of a machine that does not exist', async () => changed((url) => (url.hostname = 'lab.invalid')), /no machine called lab\.invalid/],
  ])('that is %s is waited for, with a word, and then refused', async (_what, url, message) => {
    const said: string[] = [];
    await expect(reachDatabase(await url(), { waitMilliseconds: 700, onWait: (reason) => said.push(reason) })).rejects.toThrow(
      /It was waited for during 1 s\. Start that Postgres/,
    );
    expect(said).toEqual([expect.stringMatching(message)]);
  });

  it('that is not up yet is used once it is', async () => {
    const port = await freePort();
    const target = new URL(fresh.url);
    let waits = 0;
    const reached = reachDatabase(
      changed((url) => {
        url.port = String(port);
        url.pathname = target.pathname;
      }),
      { onWait: () => waits++ },
    );
    await waitUntil(async () => waits === 1);
    const forward = createServer((socket) => {
      const upstream = connect(Number(target.port), '127.0.0.1');
      socket.on('error', () => {}).pipe(upstream);
      upstream.on('error', () => {}).pipe(socket);
    });
    await new Promise<void>((resolve) => forward.listen(port, '127.0.0.1', resolve));
    await reached;
    await new Promise((resolve) => forward.close(resolve));
  });

  it('of something that is no Postgres is refused', async () => {
    const server = await listening(0);
    const { port } = server.address() as { port: number };
    await expect(
      reachDatabase(
        changed((url) => (url.port = String(port))),
        { waitMilliseconds: 0 },
      ),
    ).rejects.toThrow(`The Postgres at 127.0.0.1:${port}`);
    server.close();
  });
});

describe('a second server on one database', () => {
  const take = async (holder: string, onTaken: (message: string) => void = () => {}) => {
    const lock = await lockServer(fresh.url, { holder, onTaken });
    locks.push(lock);
  };
  const endConnections = async () => {
    const client = new pg.Client({ connectionString: inject('postgresUrl') });
    await client.connect();
    await client.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'the first'");
    await client.end();
  };
  const holders = async () => {
    const { rows } = await fresh.database.pool.query<{ name: string }>(
      "SELECT application_name AS name FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory' AND datname = current_database()",
    );
    return rows.map(({ name }) => name);
  };

  it('is refused with the name of the first', async () => {
    await take('the first');
    await expect(take('the second')).rejects.toThrow('The database is in use by the first. Use that server, stop it, or give this one');
  });

  it('may start when the first has ended', async () => {
    await take('the first');
    await locks.pop()?.release();
    await take('the second');
    expect(await holders()).toEqual(['the second']);
  });

  it('is refused again after the database was away', async () => {
    await take('the first');
    await endConnections();
    await waitUntil(async () => (await holders()).join() === 'the first');
    await expect(take('the second')).rejects.toThrow('in use by the first');
  });
});
