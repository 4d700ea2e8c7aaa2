/** Everything under HTTP that is not a page: GraphQL, sign-in, downloads, health and metrics. */
import type { Server } from 'node:http';
import { Router } from 'express';
import type { Logger } from 'pino';
import { openLive } from '../services/live.ts';
import { createReceiving } from '../services/receiving.ts';
import type { Lab } from '../services/session.ts';
import type { Artifacts } from '../store/artifacts.ts';
import type { Database } from '../store/database.ts';
import { listen } from '../store/listener.ts';
import type { UploadFiles } from '../store/uploads.ts';
import { createAccess } from './access.ts';
import { createAuth } from './auth.ts';
import { enter } from './base-path.ts';
import { checkpointRouter } from './checkpoints.ts';
import { graphqlRouter } from './graphql.ts';
import { guard } from './guards.ts';
import { closeAnswers } from './headers.ts';
import { healthRouter } from './health.ts';
import { answerMalformed } from './malformed.ts';
import { createMetrics } from './metrics.ts';
import { openReach, type ReachOptions } from './reach.ts';
import { signInRouter } from './sign-in.ts';
import { createSockets } from './sockets.ts';
import { uploadRouter } from './uploads.ts';

export interface ApiOptions {
  database: Database;
  /** Of the same database, for a connection that listens. */
  databaseUrl: string;
  /** Whether RiftLab runs the database itself. */
  embeddedPostgres: boolean;
  queue: Lab['queue'];
  artifacts: Artifacts;
  uploads: UploadFiles;
  /** Largest file that may be uploaded. */
  mostUploadBytes: number;
  datasetsFolder: string;
  /** Days for which deleted runs are kept; 0 for ever. */
  retentionDays: number;
  /** RiftLab's version. */
  version: string;
  /** Signs session cookies; see readSecret. */
  secret: string;
  reach?: ReachOptions;
  log: Logger;
}

export interface Api {
  /** What services work with, for acts that no request asked for. */
  lab: Lab;
  /** Comes first: it also guards the pages. What it does not answer goes on to them. */
  router: Router;
  attachSockets(server: Server): void;
  /** Tells every socket that the server goes away; resolves when all are closed. */
  closeSockets(): Promise<void>;
  /** Ends sockets, what answers requests, and the listening connection; the database stays open. */
  close(): Promise<void>;
}

export async function createApi(options: ApiOptions): Promise<Api> {
  const { database, databaseUrl, queue, artifacts, datasetsFolder, retentionDays, version, embeddedPostgres, log } = options;
  const reach = openReach(options.reach);
  const listener = await listen(databaseUrl);
  const receiving = createReceiving(options.uploads, options.mostUploadBytes);
  const about = { datasetsFolder, retentionDays, version, embeddedPostgres };
  const lab: Lab = { database, queue, live: openLive(listener), artifacts, receiving, ...about };
  const auth = createAuth(database, options.secret, reach);
  const access = createAccess(database, auth, log);
  const metrics = createMetrics(access, reach);
  const graphql = await graphqlRouter({ lab, access, log, metrics, reach });
  const sockets = createSockets({ lab, access, log, reach });
  let leaving: Promise<void> | undefined;
  const closeSockets = () => {
    leaving ??= sockets.close();
    return leaving;
  };

  const router = Router();
  router.use(closeAnswers(reach));
  router.use((request, _response, next) => {
    enter(request, reach.basePath);
    next();
  });
  router.use(guard(reach));
  router.use(healthRouter(database));
  router.use(metrics.router);
  router.use(graphql.router);
  router.use(signInRouter({ database, auth, reach }));
  router.use(checkpointRouter(database, artifacts, access));
  router.use(uploadRouter({ lab, access, reach }));
  return {
    lab,
    router,
    attachSockets(server) {
      sockets.attach(server);
      answerMalformed(server);
    },
    closeSockets,
    async close() {
      await closeSockets();
      await graphql.stop();
      await listener.close();
    },
  };
}
