/** /healthz: the process lives. /readyz: it can answer, because the database answers; asked once for everybody who asks at the same time. */
import { Router } from 'express';
import type { Database } from '../store/database.ts';
import { postgresVersion } from '../store/server-version.ts';

export function healthRouter(database: Database): Router {
  const router = Router();
  let asked: Promise<boolean> | undefined;
  router.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' });
  });
  router.get('/readyz', async (_request, response) => {
    asked ??= answers(database).finally(() => {
      asked = undefined;
    });
    const isReady = await asked;
    response.status(isReady ? 200 : 503).json({ status: isReady ? 'ok' : 'the database does not answer' });
  });
  return router;
}

const answers = (database: Database) =>
  postgresVersion(database).then(
    () => true,
    () => false,
  );
