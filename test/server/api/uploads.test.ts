/** Files come in whole or in parts, within limits, and what breaks off leaves nothing behind or can be taken up again. */
import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openUploadFiles, removeOldUploads, removeUpload } from '../../../server/store/uploads.ts';
import { waitUntil } from '../../helpers/runs.ts';
import { startLab, type TestLab } from './lab.ts';
import { lines, untilClosed } from './raw.ts';
import { signInOnce } from './sign-in.ts';

let lab: TestLab;
let folder: string;
const mostUploadBytes = 3_000_000;

beforeAll(async () => {
  lab = await startLab({ mostUploadBytes });
  folder = join(lab.data, 'uploads');
});
afterAll(() => lab.close());
afterEach(async () => {
  for (const { id } of await lab.database.prisma.upload.findMany()) await removeUpload(lab.database, await openUploadFiles(folder), id);
});

const content = randomBytes(1_000_000);
const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

interface Sending {
  method?: string;
  body?: Uint8Array | ReadableStream;
  headers?: Record<string, string>;
  token?: string | null;
}

interface Reply {
  status: number;
  upload?: string;
  bytes?: number;
  received?: number;
  sha256?: string | null;
  message?: string;
}

async function send(path: string, { method = 'PUT', body, headers = {}, token = lab.member }: Sending = {}) {
  const authorization = token === null ? {} : { authorization: `Bearer ${token}` };
  const init = { method, headers: { ...authorization, ...headers }, ...(body && { body, duplex: 'half' }) };
  const response = await fetch(`${lab.address}/api/uploads${path}`, init as RequestInit);
  const text = await response.text();
  return { ...(JSON.parse(text || '{}') as Reply), status: response.status };
}

const range = (first: number, last: number, total: number) => ({ 'content-range': `bytes ${first}-${last}/${total}` });
const part = (path: string, first: number, end: number, bytes = content) =>
  send(path, { body: bytes.subarray(first, end), headers: range(first, end - 1, bytes.length) });
const files = async () => (await readdir(folder)).sort();
const fileOf = (upload: unknown) => join(folder, String(upload).replace('Upload-', ''));

/** A request that ends in the middle of its body. */
async function breakOff(path: string, headers: string[], sent: Uint8Array): Promise<void> {
  const { hostname, port } = new URL(lab.address);
  const head = lines(lab.address, `PUT /api/uploads${path} HTTP/1.1`, [`Authorization: Bearer ${lab.member}`, ...headers]);
  await new Promise<void>((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(head);
      socket.write(sent, () => socket.resetAndDestroy());
    });
    socket.on('error', reject);
    socket.on('close', () => resolve());
  });
}

describe('a file', () => {
  it('is kept under its SHA-256, closed to other users of the machine, whatever its body is called', async () => {
    for (const type of ['application/octet-stream', 'text/plain', 'application/json']) {
      const headers = { 'content-type': type };
      const answer = await send('', { body: content, headers });
      expect(answer).toEqual({
        status: 201,
        upload: expect.stringMatching(/^Upload-\d+$/),
        bytes: content.length,
        received: content.length,
        sha256: sha256Of(content),
      });
      expect((await readFile(fileOf(answer.upload))).equals(content)).toBe(true);
      expect((await stat(fileOf(answer.upload))).mode & 0o777).toBe(0o600);
      expect(await send(`/${answer.upload}`, { method: 'DELETE' })).toEqual({ status: 204 });
    }
    expect(await files()).toEqual([]);
  });

  it('may come in chunks of unknown number', async () => {
    const body = new ReadableStream({
      start(controller) {
        for (let at = 0; at < content.length; at += 70_000) controller.enqueue(content.subarray(at, at + 70_000));
        controller.close();
      },
    });
    const answer = await send('', { body });
    expect(answer).toMatchObject({ status: 201, bytes: content.length, sha256: sha256Of(content) });
    await send(`/${answer.upload}`, { method: 'DELETE' });
  });

  it('is compared with the SHA-256 that the sender names', async () => {
    const right = await send(`?sha256=${sha256Of(content)}`, { body: content });
    expect(right.status).toBe(201);
    await send(`/${right.upload}`, { method: 'DELETE' });
    expect(await send(`?sha256=${'0'.repeat(64)}`, { body: content })).toMatchObject({
      status: 400,
      message: expect.stringContaining('0000'),
    });
    expect((await send('?sha256=abc', { body: content })).status).toBe(400);
    expect(await files()).toEqual([]);
  });

  it('comes from members alone, by token or from the lab’s own pages', async () => {
    expect((await send('', { body: content, token: null })).status).toBe(401);
    expect((await send('', { body: content, token: 'riftlab_nonsense' })).status).toBe(401);
    expect(await send('', { body: content, token: lab.viewer })).toMatchObject({ status: 403, code: 'FORBIDDEN' });
    const cookie = await signInOnce(lab);
    const own = await send('', { body: content, headers: { cookie, origin: lab.address }, token: null });
    expect(own.status).toBe(201);
    await send(`/${own.upload}`, { method: 'DELETE', headers: { cookie, origin: lab.address }, token: null });
    for (const foreign of [{ origin: 'https://example.org' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' }] as Record<
      string,
      string
    >[])
      expect((await send('', { body: content, headers: { cookie, ...foreign }, token: null })).status).toBe(403);
    expect(await files()).toEqual([]);
  });

  it('is its owner’s: nobody else reads, continues or deletes it', async () => {
    const { upload } = await part('', 0, 1000);
    for (const method of ['GET', 'DELETE']) expect((await send(`/${upload}`, { method, token: lab.admin })).status).toBe(404);
    const more = { body: content.subarray(1000, 2000), headers: range(1000, 1999, content.length), token: lab.admin };
    expect((await send(`/${upload}`, more)).status).toBe(404);
    for (const path of ['/Upload-999999', '/..%2f..%2fetc%2fpasswd', '/%00', '/Upload-1%2f..', '/__proto__'])
      expect((await send(path, { method: 'GET' })).status, path).toBe(404);
    expect((await send('/Checkpoint-1', { method: 'GET' })).status).toBe(400);
    expect((await send(`/${upload}`, { method: 'DELETE' })).status).toBe(204);
  });

  it.each<[string, Sending, number]>([
    ['without a byte', { body: new Uint8Array() }, 400],
    ['in another encoding', { body: content, headers: { 'content-encoding': 'gzip' } }, 400],
    ['larger than the limit', { body: Buffer.alloc(mostUploadBytes + 1) }, 413],
    ['by POST', { method: 'POST', body: content }, 405],
    ['of a range that is none', { body: content, headers: { 'content-range': 'bytes=0-5' } }, 400],
    ['of a range beyond its total', { body: content, headers: range(0, content.length, content.length) }, 400],
    ['of a range of another length', { body: content, headers: range(0, 10, content.length) }, 400],
    ['of a first part that is not at the front', { body: content, headers: range(1, content.length, 5_000_000) }, 400],
    ['of a total beyond the limit', { body: content, headers: range(0, content.length - 1, mostUploadBytes + 1) }, 413],
    ['of a total beyond every number', { body: content, headers: { 'content-range': 'bytes 0-999999/99999999999999999999' } }, 400],
  ])('%s is refused, and nothing is left behind', async (_what, sending, status) => {
    expect(await send('', sending)).toMatchObject({ status, message: expect.any(String) });
    expect(await files()).toEqual([]);
    expect(await lab.database.prisma.upload.count()).toBe(0);
  });

  it('that grows beyond the limit while it arrives is refused then', async () => {
    const body = new ReadableStream({
      pull(controller) {
        controller.enqueue(Buffer.alloc(100_000));
      },
    });
    await send('', { body }).catch(() => ({ status: 413 }));
    await waitUntil(async () => (await files()).length === 0);
  });

  it('that breaks off leaves nothing behind', async () => {
    await breakOff('', [`Content-Length: ${content.length}`], content.subarray(0, 400_000));
    await breakOff('', ['Transfer-Encoding: chunked'], Buffer.from('10000\r\n'));
    await breakOff('', [`Content-Length: ${content.length}`, 'Content-Range: bytes 0-999999/2000000'], content.subarray(0, 400_000));
    await waitUntil(async () => (await files()).length === 0);
    expect(await lab.database.prisma.upload.count()).toBe(0);
  });
});

describe('parts of a file', () => {
  it('become the whole, and say how much is there', async () => {
    const first = await part('', 0, 400_000);
    expect(first).toEqual({ status: 202, upload: first.upload, bytes: content.length, received: 400_000, sha256: null });
    expect(await part(`/${first.upload}`, 400_000, 900_000)).toMatchObject({ status: 202, received: 900_000 });
    expect(await send(`/${first.upload}`, { method: 'GET' })).toMatchObject({ status: 202, received: 900_000 });
    const last = await part(`/${first.upload}`, 900_000, content.length);
    expect(last).toMatchObject({ status: 201, upload: first.upload, sha256: sha256Of(content), bytes: content.length });
    expect(await send(`/${first.upload}`, { method: 'GET' })).toMatchObject({ status: 200, sha256: sha256Of(content) });
    expect(await part(`/${first.upload}`, 900_000, content.length)).toMatchObject({ status: 409 });
    await send(`/${first.upload}`, { method: 'DELETE' });
  });

  it('go on where the last one broke off', async () => {
    const { upload } = await part('', 0, 300_000);
    await breakOff(
      `/${upload}`,
      ['Content-Length: 700000', 'Content-Range: bytes 300000-999999/1000000'],
      content.subarray(300_000, 500_000),
    );
    let received = 0;
    await waitUntil(async () => {
      const answer = await send(`/${upload}`, { method: 'GET' });
      const moved = Number(answer.received) === received;
      received = Number(answer.received);
      return moved && received > 300_000;
    });
    expect(received).toBeLessThanOrEqual(500_000);
    let answer = await part(`/${upload}`, received, content.length);
    // What the server reads from a connection that was reset may still grow the file for a moment.
    if (answer.status === 409)
      answer = await part(`/${upload}`, Number((await send(`/${upload}`, { method: 'GET' })).received), content.length);
    expect(answer).toMatchObject({ status: 201, sha256: sha256Of(content) });
    await send(`/${upload}`, { method: 'DELETE' });
  });

  it.each<[string, (upload: unknown) => Promise<{ status: number }>, number]>([
    ['behind a gap', (upload) => part(`/${upload}`, 500_000, 600_000), 409],
    ['over what is there', (upload) => part(`/${upload}`, 0, 600_000), 409],
    [
      'of a file of another length',
      (upload) => send(`/${upload}`, { body: content.subarray(0, 9), headers: range(300_000, 300_008, 999) }),
      400,
    ],
    [
      'of a file that grew',
      (upload) => send(`/${upload}`, { body: content.subarray(0, 9), headers: range(300_000, 300_008, 1_500_000) }),
      409,
    ],
    ['without a place', (upload) => send(`/${upload}`, { body: content.subarray(0, 9) }), 400],
  ])('%s are refused, and what is there stays', async (_what, act, status) => {
    const { upload } = await part('', 0, 300_000);
    expect((await act(upload)).status).toBe(status);
    expect(await part(`/${upload}`, 300_000, content.length)).toMatchObject({ status: 201, sha256: sha256Of(content) });
    await send(`/${upload}`, { method: 'DELETE' });
  });

  it('are written by one request at a time', async () => {
    const { upload } = await part('', 0, 300_000);
    const answers = await Promise.all([1, 2, 3].map(() => part(`/${upload}`, 300_000, content.length)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    expect((await readFile(fileOf(upload))).equals(content)).toBe(true);
    await send(`/${upload}`, { method: 'DELETE' });
  });
});

describe('uploads', () => {
  it('of one person are bounded in number, size and at once', async () => {
    const small = content.subarray(0, 10);
    const made = [];
    for (let count = 0; count < 20; count++) made.push((await send('', { body: small })).upload);
    expect(await send('', { body: small })).toMatchObject({ status: 429, message: expect.stringContaining('20 uploads') });
    expect((await send('', { body: small, token: lab.admin })).status).toBe(201);
    for (const upload of made) await send(`/${upload}`, { method: 'DELETE' });
    const large = [];
    for (let count = 0; count < 3; count++) large.push(await send('', { body: small, headers: range(0, 9, mostUploadBytes) }));
    expect(await send('', { body: small })).toMatchObject({ status: 429, message: expect.stringContaining('9000000 bytes') });
    for (const { upload } of large) await send(`/${upload}`, { method: 'DELETE' });
    const { hostname, port } = new URL(lab.address);
    const head = lines(lab.address, 'PUT /api/uploads HTTP/1.1', [`Authorization: Bearer ${lab.member}`, 'Content-Length: 1000']);
    const open = await Promise.all(
      [1, 2, 3, 4].map(
        () =>
          new Promise<ReturnType<typeof connect>>((resolve) => {
            const socket = connect(Number(port), hostname, () => socket.write(`${head}x`, () => resolve(socket)));
          }),
      ),
    );
    await waitUntil(async () => (await files()).filter((name) => name.startsWith('incoming-')).length === 4);
    expect(await send('', { body: small })).toMatchObject({ status: 429, message: expect.stringContaining('under way') });
    for (const socket of open) socket.resetAndDestroy();
    await waitUntil(async () => (await send('', { body: small })).status === 201);
    await lab.database.prisma.upload.deleteMany();
  });

  it('that nobody uses go after a while, and files that nothing knows of', async () => {
    const opened = await openUploadFiles(folder);
    const [kept, old] = [await send('', { body: content }), await send('', { body: content })];
    const day = new Date(Date.now() - 25 * 60 * 60 * 1000);
    await lab.database.prisma.upload.update({ where: { id: Number(String(old.upload).slice(7)) }, data: { usedAt: day } });
    await writeFile(join(folder, 'incoming-x'), 'x');
    for (const name of await files()) if (name !== String(kept.upload).slice(7)) await utimes(join(folder, name), day, day);
    await removeOldUploads(lab.database, opened, new Date(Date.now() - 24 * 60 * 60 * 1000));
    expect(await files()).toEqual([String(kept.upload).slice(7)]);
    expect((await send(`/${old.upload}`, { method: 'GET' })).status).toBe(404);
    expect((await send(`/${kept.upload}`, { method: 'GET' })).status).toBe(200);
  });

  it('are not read from somebody unknown, who gets an answer and is let go', async () => {
    const { hostname, port } = new URL(lab.address);
    const socket = connect(Number(port), hostname);
    socket.write(lines(lab.address, 'PUT /api/uploads HTTP/1.1', ['Content-Length: 1000000']));
    expect(await untilClosed(socket)).toMatch(/^HTTP\/1\.1 401 /);
  });
});
