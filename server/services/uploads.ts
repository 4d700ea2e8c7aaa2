/** Uploads: a whole file in one request, or in parts that can be taken up again where they broke off. */
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { BadInputError, ConflictError, LimitExceededError, NotFoundError } from '../errors.ts';
import type { Database } from '../store/database.ts';
import { hashFile } from '../store/file-hash.ts';
import * as store from '../store/uploads.ts';
import { act } from './act.ts';
import { globalId } from './identity.ts';
import { permit } from './permission.ts';
import { checkSize, incomingPath, writeNew, writeOn } from './receiving.ts';
import type { UploadRecord } from './records.ts';
import type { Session } from './session.ts';

export interface UploadState {
  upload: string;
  /** Of the whole file. */
  bytes: number;
  /** How many of them are there. */
  received: number;
  /** Null until all of them are. */
  sha256: string | null;
}

/** Bytes start to end of a file of `total`; end not included. */
export interface Part {
  start: number;
  end: number;
  total: number;
}

type Content = AsyncIterable<Uint8Array>;

const mostKept = 20;
/** Kept at once by one person, in files of the largest size. */
const mostKeptFiles = 3;
const keptMilliseconds = 24 * 60 * 60 * 1000;
const intervalMilliseconds = 60 * 60 * 1000;

const stateOf = ({ id, bytes, sha256 }: UploadRecord, received: number): UploadState => ({
  upload: globalId('Upload', id),
  ...{ bytes: Number(bytes), received, sha256 },
});

/** Throws LimitExceededError where this person keeps too much already. bytes: null where the file's length is not known. */
async function checkRoom(session: Session, user: string, bytes: number | null): Promise<void> {
  const { database, receiving } = session.lab;
  const kept = await store.keptUploads(database, user);
  const most = mostKeptFiles * receiving.mostBytes;
  if (kept.count >= mostKept || kept.bytes + (bytes ?? 0) > most)
    throw new LimitExceededError(
      `You keep ${kept.count} uploads of ${kept.bytes} bytes together; ${mostKept} uploads and ${most} bytes are the most. ` +
        'Import them, delete them (DELETE /api/uploads/ID), or wait: unused ones go after a day.',
    );
  await checkSize(receiving, bytes ?? 0, bytes ?? 0);
}

/** A whole file. length: where it is known. sha256: what the sender expects. Where it fails nothing is left behind. */
export async function receiveFile(
  session: Session,
  content: Content,
  { length, sha256: expected }: { length: number | null; sha256?: string | undefined },
): Promise<UploadState> {
  const { user } = permit(session, 'MEMBER');
  const { receiving } = session.lab;
  return receiving.busy.withinPerson(user.id, async () => {
    await checkRoom(session, user.id, length);
    const path = incomingPath(receiving);
    const { bytes, sha256 } = await writeNew(path, content, receiving.mostBytes);
    try {
      if (bytes === 0) throw new BadInputError('The file is empty: send its bytes as the body.');
      if (expected !== undefined && expected !== sha256)
        throw new BadInputError(`The SHA-256 of what arrived is ${sha256}, and ${expected} was expected: send the file again.`);
      return stateOf(await keep(session, path, { userId: user.id, bytes, sha256 }), bytes);
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
  });
}

/** The first part of a file. Where it breaks off nothing is left behind. */
export async function receiveFirst(session: Session, content: Content, { start, end, total }: Part): Promise<UploadState> {
  const { user } = permit(session, 'MEMBER');
  if (start !== 0) throw new BadInputError('The first part begins at byte 0; later ones go to /api/uploads/ID.');
  const { receiving } = session.lab;
  return receiving.busy.withinPerson(user.id, async () => {
    await checkRoom(session, user.id, total);
    const path = incomingPath(receiving);
    const { bytes, sha256 } = await writeNew(path, content, end);
    try {
      if (bytes !== end) throw new BadInputError(`The part has ${bytes} bytes, and Content-Range says ${end}.`);
      const row = await keep(session, path, { userId: user.id, bytes: total, sha256: end === total ? sha256 : null });
      return stateOf(row, bytes);
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
  });
}

const keep = (session: Session, path: string, upload: store.NewUpload): Promise<UploadRecord> =>
  act(session, 'upload', { bytes: upload.bytes, sha256: upload.sha256 }, async (transaction) => {
    const row = await store.addUpload(transaction, session.lab.receiving.files, path, upload);
    return { result: row, target: globalId('Upload', row.id) };
  });

/** A further part, which begins where the bytes that are there end. What arrives of a part that breaks off stays. */
export async function receivePart(
  session: Session,
  id: number | null,
  content: Content,
  { start, end, total }: Part,
): Promise<UploadState> {
  const { user } = permit(session, 'MEMBER');
  const { database, receiving } = session.lab;
  const { files } = receiving;
  const { id: row, bytes } = await needUpload(session, id, []);
  return receiving.busy.withinPerson(user.id, () =>
    receiving.busy.alone(row, async () => {
      const upload = await needUpload(session, row, []);
      const received = await files.received(row);
      if (upload.sha256 !== null) throw new ConflictError(`All ${bytes} bytes of this upload are there.`);
      if (Number(bytes) !== total) throw new ConflictError(`The file was said to have ${bytes} bytes, and is said to have ${total}.`);
      if (start !== received) throw new ConflictError(`${received} bytes are there: go on with byte ${received}, not ${start}.`);
      await checkSize(receiving, total, total - received);
      await store.touchUpload(database, row);
      const added = await writeOn(files.pathOf(row), start, content, end - start);
      if (added < end - start) throw new BadInputError(`The part has ${added} bytes, and Content-Range says ${end - start}.`);
      return stateOf(end === total ? await complete(session, upload) : upload, end);
    }),
  );
}

async function complete(session: Session, upload: UploadRecord): Promise<UploadRecord> {
  const { sha256 } = await hashFile(session.lab.receiving.files.pathOf(upload.id));
  return act(session, 'completeUpload', { bytes: Number(upload.bytes), sha256 }, async (transaction) => ({
    result: await store.completeUpload(transaction, upload.id, sha256),
    target: globalId('Upload', upload.id),
  }));
}

/** One's own upload. Throws NotFoundError for all others. */
export async function needUpload(session: Session, id: number | null, path: readonly (string | number)[]): Promise<UploadRecord> {
  const { user } = permit(session, 'MEMBER');
  const upload = id === null ? null : await store.findUpload(session.lab.database, user.id, id);
  if (!upload) throw new NotFoundError('You have no such upload: unused ones go after a day. Send the file to /api/uploads (again).', path);
  return upload;
}

export async function readUpload(session: Session, id: number | null): Promise<UploadState> {
  const upload = await needUpload(session, id, []);
  const received = upload.sha256 === null ? await session.lab.receiving.files.received(upload.id) : Number(upload.bytes);
  return stateOf(upload, received);
}

export async function deleteUpload(session: Session, id: number | null): Promise<void> {
  const { id: row } = await needUpload(session, id, []);
  const { database, receiving } = session.lab;
  await receiving.busy.alone(row, async () => {
    await act(session, 'deleteUpload', {}, async () => ({ result: null, target: globalId('Upload', row) }));
    await store.removeUpload(database, receiving.files, row);
  });
}

export interface Tidying {
  stop(): Promise<void>;
}

/** Removes what an earlier server left in the middle of, then, every hour, uploads that nobody used for a day. */
export function startTidying(database: Database, files: store.UploadFiles, onError: (error: unknown) => void): Tidying {
  const stopping = new AbortController();
  const running = (async () => {
    for (let first = true; !stopping.signal.aborted; first = false) {
      const now = Date.now();
      const before = new Date(now - keptMilliseconds);
      await store.removeOldUploads(database, files, before, first ? new Date(now) : before).catch(onError);
      await sleep(intervalMilliseconds, undefined, { signal: stopping.signal }).catch(() => {});
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
