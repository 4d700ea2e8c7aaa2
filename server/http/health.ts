/** /healthz: the process lives. /readyz: it can answer, because the database answers. */
import { Router } from 'express';
import type { Database } from '../store/database.ts';
import { postgresVersion } from '../store/server-version.ts';

export function healthRouter(database: Database): Router {
  const router = Router();
  router.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' });
  });
  router.get('/readyz', async (_request, response) => {
    const isReady = await postgresVersion(database).then(
      () => true,
      () => false,
    );
    response.status(isReady ? 200 : 503).json({ status: isReady ? 'ok' : 'the database does not answer' });
  });
  return router;
}
