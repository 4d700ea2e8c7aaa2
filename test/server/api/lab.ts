/** A real server for tests: the API over HTTP and sockets on a free port, a fresh database, a real queue without workers. */
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, createClient } from 'graphql-ws';
import { pino } from 'pino';
import { WebSocket } from 'ws';
import { type Api, createApi } from '../../../server/http/api.ts';
import { createHttpServer } from '../../../server/http/http-server.ts';
import type { ReachOptions } from '../../../server/http/reach.ts';
import { closeBoss, openBoss } from '../../../server/queue/boss.ts';
import { createQueue } from '../../../server/queue/run-queue.ts';
import { createAdminAddress, prepareAdmin } from '../../../server/services/people.ts';
import { type Artifacts, openArtifacts } from '../../../server/store/artifacts.ts';
import { type Database, openDatabase } from '../../../server/store/database.ts';
import { createToken } from '../../../server/store/tokens.ts';
import { openUploadFiles } from '../../../server/store/uploads.ts';
import { createUser } from '../../../server/store/users.ts';
import { freshDatabase } from '../../helpers/database.ts';

export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for.
  data: Record<string, any>;
  errors: {
    message: string;
    path?: unknown;
    extensions: { code: string; path?: (string | number)[]; id?: string; problems?: { message: string; path: (string | number)[] }[] };
  }[];
}

interface LabOptions {
  reach?: ReachOptions;
  shared?: string;
  /** Signs cookies. */
  secret?: string;
  mostUploadBytes?: number;
  /** The datasets folder. */
  datasets?: string;
}

export interface TestLab {
  address: string;
  /** The data folder. */
  data: string;
  databaseUrl: string;
  api: Api;
  database: Database;
  artifacts: Artifacts;
  admin: string;
  member: string;
  viewer: string;
  /** What the server logged. */
  logged: { id?: string; msg: string }[];
  /** Sends an operation with a token (ADMIN's when absent, none when null). */
  ask(query: string, variables?: object, token?: string | null): Promise<Answer>;
  signInAddress(): Promise<string>;
  connect(token: string): Client;
  close(): Promise<void>;
}

function standOn(url: string) {
  const database = openDatabase(url);
  return { database, url, drop: () => database.close() };
}

/** shared: another lab's database, so that two server processes stand on it. */
export async function startLab({
  reach,
  shared,
  secret: cookieSecret = 'a secret of the tests that is long enough',
  mostUploadBytes = 50_000_000,
  datasets,
}: LabOptions = {}): Promise<TestLab> {
  const fresh = shared ? standOn(shared) : await freshDatabase();
  const { database } = fresh;
  const folder = await mkdtemp(join(tmpdir(), 'riftlab-test-api-'));
  const artifacts = await openArtifacts(join(folder, 'artifacts'));
  const boss = await openBoss(database, { supervise: false, onError: () => {} });
  const logged: TestLab['logged'] = [];
  const log = pino({ level: 'error' }, { write: (line: string) => logged.push(JSON.parse(line)) });
  const api = await createApi({
    database,
    databaseUrl: fresh.url,
    embeddedPostgres: true,
    queue: createQueue(boss),
    artifacts,
    uploads: await openUploadFiles(join(folder, 'uploads')),
    mostUploadBytes,
    datasetsFolder: datasets ?? process.env.RIFTLAB_DATASETS ?? folder,
    retentionDays: 30,
    version: '0.0.0-test',
    secret: cookieSecret,
    ...(reach && { reach }),
    log,
  });
  const { server, answerBy } = createHttpServer();
  answerBy(log, api.router);
  api.attachSockets(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const { secret } = await prepareAdmin(database);
  const admin = secret ?? '';
  const tokenOf = async (role: 'MEMBER' | 'VIEWER') => {
    const name = role.toLowerCase();
    if (shared) return '';
    const user = await createUser(database.prisma, { email: `${name}@example.org`, name, role });
    return (await createToken(database.prisma, { userId: user.id, name: 'test', role, expiresAt: null })).secret;
  };

  return {
    ...{ address, data: folder, databaseUrl: fresh.url, api, database, artifacts, admin, logged },
    member: await tokenOf('MEMBER'),
    viewer: await tokenOf('VIEWER'),
    async ask(query, variables = {}, token = admin) {
      const response = await fetch(`${address}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
        body: JSON.stringify({ query, variables }),
      });
      const { data, errors } = (await response.json()) as Partial<Answer>;
      return { status: response.status, data: data ?? {}, errors: errors ?? [] };
    },
    signInAddress: () => createAdminAddress(database, address),
    connect: (token) =>
      createClient({
        url: `${address.replace('http', 'ws')}/graphql`,
        webSocketImpl: WebSocket,
        connectionParams: { authorization: `Bearer ${token}` },
        retryAttempts: 0,
      }),
    async close() {
      await api.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await closeBoss(boss);
      await fresh.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
