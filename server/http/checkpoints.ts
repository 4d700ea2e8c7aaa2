/** GET /api/checkpoints/{id}: the weights as safetensors, streamed, from any byte on. id is a checkpoint's id or its SHA-256. */
import { pipeline } from 'node:stream/promises';
import { type Request, type Response, Router } from 'express';
import { RequestError } from '../errors.ts';
import { rowOf } from '../services/identity.ts';
import { type Artifacts, DamageError } from '../store/artifacts.ts';
import { findCheckpointByHash } from '../store/checkpoint-hash.ts';
import { type CheckpointFile, openCheckpoint } from '../store/checkpoints.ts';
import type { Database } from '../store/database.ts';
import type { Access } from './access.ts';
import { refuse, refuseViewer } from './refuse.ts';

export function checkpointRouter(database: Database, artifacts: Artifacts, access: Access): Router {
  const router = Router();
  router.get('/api/checkpoints/:id', async (request, response) => {
    if (!(await isKnown(access, request, response))) return;
    const id = await rowFor(database, request.params.id);
    try {
      const file = id === null ? undefined : await openCheckpoint(database.prisma, artifacts, id);
      if (!file) return refuse(response, 404, 'NOT_FOUND', 'There is no such checkpoint.');
      await send(request, response, file);
    } catch (error) {
      if (!(error instanceof DamageError)) throw error;
      // Once bytes are under way the transfer is cut short, so that nobody takes them for the checkpoint.
      if (response.headersSent) response.destroy();
      else refuse(response, 500, 'DAMAGED', `${error.message} ${error.hint}`);
    }
  });
  return router;
}

/** Answers whoever is not. */
async function isKnown(access: Access, request: Request, response: Response): Promise<boolean> {
  try {
    if (await access.identify(request)) return true;
    refuse(response, 401, 'UNAUTHENTICATED', 'Sign in, or send "Authorization: Bearer TOKEN".');
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    refuseViewer(response, error);
  }
  return false;
}

async function rowFor(database: Database, id: string): Promise<number | null> {
  if (/^[0-9a-f]{64}$/.test(id)) return findCheckpointByHash(database, id);
  try {
    return rowOf('Checkpoint', id);
  } catch (error) {
    if (error instanceof RequestError) return null;
    throw error;
  }
}

async function send(request: Request, response: Response, { id, sha256, bytes, read }: CheckpointFile): Promise<void> {
  const tag = `"${sha256}"`;
  response.set({
    ETag: tag,
    'Accept-Ranges': 'bytes',
    'Content-Type': 'application/octet-stream',
    'Content-Disposition': `attachment; filename="checkpoint-${id}.safetensors"`,
  });
  if (request.headers['if-none-match']?.includes(tag)) return void response.status(304).end();
  const range = wantedRange(request, tag, bytes);
  if (range === 'unsatisfiable') return void response.status(416).set('Content-Range', `bytes */${bytes}`).end();
  const [start, end] = range ?? [0, bytes];
  if (range) response.status(206).set('Content-Range', `bytes ${start}-${end - 1}/${bytes}`);
  response.set('Content-Length', String(end - start));
  if (request.method === 'HEAD') return void response.end();
  await pipeline(read(start, end), response).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  });
}

/** Start, and end not included; null for the whole file: also for several ranges, or one of another version. */
function wantedRange(request: Request, tag: string, bytes: number): [number, number] | 'unsatisfiable' | null {
  const condition = request.headers['if-range'];
  const match = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '');
  if (!match || (condition !== undefined && condition !== tag)) return null;
  const [, first = '', last = ''] = match;
  if (!first && !last) return null;
  const start = first ? Number(first) : Math.max(0, bytes - Number(last));
  const end = first && last ? Math.min(Number(last) + 1, bytes) : bytes;
  return start < end ? [start, end] : 'unsatisfiable';
}
