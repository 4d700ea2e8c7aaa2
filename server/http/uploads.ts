/**
 * PUT /api/uploads: a whole file as the body, of any length. With Content-Range it is the first part of one, and further parts
 * go to PUT /api/uploads/{id}; GET says how many bytes are there, DELETE forgets them. Answers {upload, sha256, bytes}.
 */
import type { IncomingMessage } from 'node:http';
import { type Request, type Response, Router } from 'express';
import { BadInputError, type ErrorCode, RequestError, UnauthenticatedError, UnavailableError } from '../errors.ts';
import { rowOf } from '../services/identity.ts';
import { NoRoomError, TooLargeError } from '../services/receiving.ts';
import { type Lab, openSession, type Session } from '../services/session.ts';
import { deleteUpload, type Part, readUpload, receiveFile, receiveFirst, receivePart, type UploadState } from '../services/uploads.ts';
import type { Access } from './access.ts';
import { takeItsTime } from './patience.ts';
import type { Reach } from './reach.ts';
import { refuse, refuseViewer } from './refuse.ts';

interface UploadParts {
  lab: Lab;
  access: Access;
  reach: Reach;
}

export function uploadRouter({ lab, access, reach }: UploadParts): Router {
  const router = Router();
  const answering =
    (act: (session: Session, request: Request) => Promise<UploadState | null>) => async (request: Request, response: Response) => {
      try {
        const viewer = await access.identify(request);
        if (!viewer) throw new UnauthenticatedError('Sign in, or send "Authorization: Bearer TOKEN".');
        answer(response, await act(openSession(lab, viewer, reach.home(request)), request));
      } catch (error) {
        if (request.errored) return void response.destroy();
        if (!(error instanceof RequestError)) throw error;
        refuseUpload(request, response, error);
      }
    };
  router.put(
    '/api/uploads',
    answering((session, request) => {
      checkEncoding(request);
      const part = partOf(request);
      return part
        ? receiveFirst(session, bodyOf(request), part)
        : receiveFile(session, bodyOf(request), { length: lengthOf(request), sha256: hashOf(request) });
    }),
  );
  router.put(
    '/api/uploads/:id',
    answering((session, request) => {
      checkEncoding(request);
      const part = partOf(request);
      if (!part) throw new BadInputError('A part needs the header Content-Range: bytes FIRST-LAST/TOTAL.');
      return receivePart(session, idOf(request), bodyOf(request), part);
    }),
  );
  router.get(
    '/api/uploads/:id',
    answering((session, request) => readUpload(session, idOf(request))),
  );
  router.delete(
    '/api/uploads/:id',
    answering(async (session, request) => {
      await deleteUpload(session, idOf(request));
      return null;
    }),
  );
  router.all(['/api/uploads', '/api/uploads/:id'], (_request, response) => {
    refuse(response.set('Allow', 'PUT, GET, DELETE'), 405, 'BAD_REQUEST', 'Send a file with PUT.');
  });
  return router;
}

const idOf = ({ params }: Request) => rowOf('Upload', String(params.id));

/** 201 when all bytes are there, 202 while some are missing. */
function answer(response: Response, state: UploadState | null): void {
  if (state === null) response.status(204).end();
  else response.status(state.sha256 !== null ? (response.req.method === 'GET' ? 200 : 201) : 202).json(state);
}

const statuses: Record<ErrorCode, number> = {
  BAD_USER_INPUT: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  LIMIT_EXCEEDED: 429,
  UNAVAILABLE: 503,
};

/** How long a client that is refused may go on sending before its connection ends: so that it gets to read why. */
const lingerMilliseconds = 5000;

function refuseUpload(request: Request, response: Response, error: RequestError): void {
  if (!request.complete) {
    const { socket } = request;
    const timer = setTimeout(() => socket.destroy(), lingerMilliseconds);
    request.once('end', () => clearTimeout(timer));
    socket.once('close', () => clearTimeout(timer));
    request.resume();
  }
  if (error instanceof UnauthenticatedError || error instanceof UnavailableError) return void refuseViewer(response, error);
  const status = error instanceof TooLargeError ? 413 : error instanceof NoRoomError ? 507 : statuses[error.code];
  refuse(response, status, error.code, error.message);
}

/** A client that sends nothing for so long is let go; nobody may hold an upload open for ever. */
const idleMilliseconds = 60_000;

/** The bytes as they arrive. Throws what ended the connection before its end. */
async function* bodyOf(request: IncomingMessage): AsyncGenerator<Uint8Array> {
  takeItsTime(request);
  const idle = setTimeout(() => request.destroy(new Error('The client sent nothing for a minute.')), idleMilliseconds);
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      idle.refresh();
      yield chunk as Uint8Array;
    }
  } finally {
    clearTimeout(idle);
  }
}

function checkEncoding({ headers }: Request): void {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity')
    throw new BadInputError(`The body is encoded as ${encoding}: send the file's bytes as they are.`);
}

const lengthOf = ({ headers }: Request) => (headers['content-length'] === undefined ? null : Number(headers['content-length']));

/** ?sha256=…: what the sender expects. */
function hashOf({ query: { sha256 } }: Request): string | undefined {
  if (sha256 === undefined) return undefined;
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) throw new BadInputError('sha256 is 64 lowercase hex digits.');
  return sha256;
}

/** Undefined without the header. */
function partOf(request: Request): Part | undefined {
  const header = request.headers['content-range'];
  if (header === undefined) return undefined;
  const [, first, last, total] = (/^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(header) ?? []).map(Number);
  if (first === undefined || last === undefined || total === undefined || first > last || last >= total)
    throw new BadInputError(`Content-Range is "${header}"; it is bytes FIRST-LAST/TOTAL, as in bytes 0-999/5000.`);
  const length = lengthOf(request);
  if (length !== null && length !== last + 1 - first)
    throw new BadInputError(`Content-Length is ${length}, and Content-Range says ${last + 1 - first}.`);
  return { start: first, end: last + 1, total };
}
