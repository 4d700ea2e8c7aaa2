/** Weights over HTTP: only to those who may, only those that were asked for, whatever path, range or condition is sent. */
import { randomBytes } from 'node:crypto';
import { readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Weights, writeWeights } from '../../../engine/index.ts';
import { keepWeights, openCheckpoint, recordCheckpoint } from '../../../server/store/checkpoints.ts';
import { startLab, type TestLab } from './lab.ts';
import { answersTo, lines } from './raw.ts';

let lab: TestLab;
let whole: Buffer;
let plain: { id: number; sha256: string };
/** Kept as its changed modules on top of the plain one. */
let tuned: { id: number; artifact: string };

const tensor = (shape: number[], first: number) => {
  const count = shape.reduce((size, extent) => size * extent, 1);
  return { shape, dtype: 'float32' as const, data: Float32Array.from({ length: count }, (_, index) => first + index / 7) };
};
const weights: Weights = { 'conv1.weight': tensor([3, 3, 2, 4], 1), 'linear.weight': tensor([4, 10], 3), 'linear.bias': tensor([10], 4) };
const about = { name: 'downloads', architecture: 'RESNET8', dataset: 'cifar10', variant: 'PGD_AT', trainedHere: true, producedBy: null };

async function keep(content: Weights, base?: number) {
  const { prisma } = lab.database;
  const path = join(lab.artifacts.folder, 'weights');
  await writeFile(path, writeWeights(content));
  const kept = await keepWeights(lab.artifacts, path, base === undefined ? undefined : await openCheckpoint(prisma, lab.artifacts, base));
  const id = await prisma.$transaction((transaction) => recordCheckpoint(transaction, kept, about));
  return { id, sha256: kept.sha256, artifact: kept.artifact?.sha256 ?? '' };
}

beforeAll(async () => {
  lab = await startLab();
  whole = Buffer.from(writeWeights(weights));
  plain = await keep(weights);
  tuned = await keep({ ...weights, 'linear.weight': tensor([4, 10], 9) }, plain.id);
});

afterAll(() => lab.close());

const download = (id: string, headers: Record<string, string> = {}) =>
  fetch(`${lab.address}/api/checkpoints/${id}`, { headers: { authorization: `Bearer ${lab.viewer}`, ...headers } });
const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer());

describe('a download', () => {
  it('is a file to be saved, of one type, that no cache keeps and no page runs', async () => {
    const response = await download(`Checkpoint-${plain.id}`);
    expect((await bytesOf(response)).equals(whole)).toBe(true);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename="checkpoint-${plain.id}.safetensors"`,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
    });
  });

  it('is for those who are signed in, also where they know its hash', async () => {
    for (const headers of [{}, { 'if-none-match': `"${plain.sha256}"` }, { range: 'bytes=0-0' }, { authorization: 'Bearer riftlab_x' }]) {
      const response = await fetch(`${lab.address}/api/checkpoints/${plain.sha256}`, { headers: headers as Record<string, string> });
      expect([response.status, response.headers.get('etag')?.includes(plain.sha256) ?? false]).toEqual([401, false]);
      expect((await response.text()).length).toBeLessThan(400);
    }
  });
});

describe('a path', () => {
  it.each([
    '../../../../etc/passwd',
    '..%2f..%2f..%2fetc%2fpasswd',
    '%2e%2e/%2e%2e/admin-token',
    '%252e%252e%252fadmin-token',
    '..%5c..%5cadmin-token',
    '..\\..\\admin-token',
    '..%c0%af..%c0%afadmin-token',
    'Checkpoint-1%00.safetensors',
    'Checkpoint-1%0d%0aSet-Cookie:%20a=b',
    'Checkpoint-1/../../admin-token',
    'Checkpoint-1%2f..%2f..%2fadmin-token',
    '/etc/passwd',
    'file:%2f%2f%2fetc%2fpasswd',
    'Checkpoint--1',
    'Checkpoint-1e0',
    'Checkpoint-0x1',
    'Checkpoint-1;id',
    'Checkpoint-99999999999999999999',
    'Run-1',
    '*',
    'A'.repeat(64),
    `${'a'.repeat(63)}'`,
  ])('%s leads nowhere', async (path) => {
    const first = `GET /api/checkpoints/${path} HTTP/1.1`;
    const [answer] = await answersTo(lab.address, lines(lab.address, first, ['Connection: close', `Authorization: Bearer ${lab.viewer}`]));
    expect([400, 404]).toContain(answer?.status);
    expect(answer?.head).not.toMatch(/set-cookie|content-disposition/i);
    expect(answer?.body).not.toMatch(/root:|riftlab_|node_modules/);
  });
});

describe('a range', () => {
  const size = () => whole.length;

  it.each<[string, string, number]>([
    ['backwards', 'bytes=9-3', 416],
    ['past the end', 'bytes=99999999-', 416],
    ['of more digits than numbers have', `bytes=${'9'.repeat(400)}-`, 416],
    ['of nothing', 'bytes=-0', 416],
    ['of no bounds', 'bytes=-', 200],
    ['negative', 'bytes=--5', 200],
    ['of a thousand parts', `bytes=${Array.from({ length: 1000 }, (_, index) => `${index}-${index}`).join(',')}`, 200],
    ['of overlapping parts', `bytes=${'0-,'.repeat(500)}0-`, 200],
    ['in another unit', 'items=0-5', 200],
    ['that is no range', 'bytes=a-b', 200],
  ])('%s gets one answer of at most the file', async (_what, range, status) => {
    const response = await download(`Checkpoint-${plain.id}`, { range });
    const bytes = await bytesOf(response);
    expect([response.status, bytes.length]).toEqual([status, status === 200 ? size() : 0]);
    expect(response.headers.get('content-type')).not.toContain('multipart');
  });

  it.each<[string, (size: number) => [number, number]]>([
    ['bytes=0-0', () => [0, 1]],
    ['bytes=5-20', () => [5, 21]],
    ['bytes=-7', (end) => [end - 7, end]],
    ['bytes=-99999999', (end) => [0, end]],
    ['bytes=3-99999999999999999999', (end) => [3, end]],
  ])('%s gets those bytes', async (range, of) => {
    const [start, end] = of(size());
    const response = await download(`Checkpoint-${plain.id}`, { range });
    expect([response.status, response.headers.get('content-range')]).toEqual([206, `bytes ${start}-${end - 1}/${size()}`]);
    expect((await bytesOf(response)).equals(whole.subarray(start, end))).toBe(true);
  });
});

describe('a condition', () => {
  it('saves bytes only for the very version', async () => {
    const tag = `"${plain.sha256}"`;
    const status = async (headers: Record<string, string>) => (await download(`Checkpoint-${plain.id}`, headers)).status;
    expect(await status({ 'if-none-match': tag })).toBe(304);
    expect(await status({ 'if-none-match': `W/${tag}, "x"` })).toBe(304);
    for (const wrong of ['"x"', plain.sha256, `"${plain.sha256.slice(1)}"`, '"'.repeat(5000), 'W/', '"unclosed'])
      expect(await status({ 'if-none-match': wrong }), wrong.slice(0, 80)).toBe(200);
    expect(await status({ range: 'bytes=0-0', 'if-range': '"another version"' })).toBe(200);
    expect(await status({ range: 'bytes=0-0', 'if-range': tag })).toBe(206);
  });
});

describe('artifacts that are not what they were', () => {
  /** Puts other bytes in the place of an artifact while `act` runs. */
  async function instead(sha256: string, put: (path: string) => Promise<unknown>, act: () => Promise<void>): Promise<void> {
    const path = await lab.artifacts.locate(sha256);
    await rename(path, `${path}.kept`);
    try {
      await put(path);
      await act();
    } finally {
      await rm(path, { force: true, recursive: true });
      await rename(`${path}.kept`, path);
    }
  }

  /** Nobody takes other bytes for the weights, or learns where the server keeps them. */
  async function fails(id: number): Promise<void> {
    const response = await download(`Checkpoint-${id}`);
    const text = await response.text();
    expect(response.status).toBe(500);
    expect(JSON.parse(text).message).toMatch(/is (damaged|missing)/);
    expect(text).not.toContain(tmpdir());
    expect((await fetch(`${lab.address}/healthz`)).status).toBe(200);
  }

  const header = (json: string, length = Buffer.byteLength(json)) => {
    const head = Buffer.alloc(8);
    head.writeBigUInt64LE(BigInt(length));
    return Buffer.concat([head, Buffer.from(json)]);
  };
  const entry = (offsets: unknown) => JSON.stringify({ 'linear.weight': { dtype: 'F32', shape: [4, 10], data_offsets: offsets } });

  it.each<[string, () => Buffer]>([
    ['empty', () => Buffer.alloc(0)],
    ['noise', () => randomBytes(500)],
    ['a header of 2^60 bytes', () => header('{}', 2 ** 60)],
    ['a header of 90 MB that is not there', () => header('{}', 90_000_000)],
    ['a header that is no JSON', () => header('{"linear.weight": ')],
    ['a tensor beyond the end', () => header(entry([0, 1e12]))],
    ['a tensor before the beginning', () => header(entry([-5000, -10]))],
    ['a tensor named as a prototype', () => header('{"__proto__": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}')],
  ])('are refused as a changed module: %s', async (_what, bytes) => {
    await instead(
      tuned.artifact,
      (path) => writeFile(path, bytes()),
      () => fails(tuned.id),
    );
  });

  it('are noticed when they were cut short', async () => {
    await instead(
      plain.sha256,
      (path) => writeFile(path, whole.subarray(0, whole.length - 7)),
      () => fails(plain.id),
    );
  });

  it('are missed when they are gone, and the answer says nothing of where they were', async () => {
    await instead(
      plain.sha256,
      async () => {},
      () => fails(plain.id),
    );
  });

  it('are not read where a link to something else stands in their place', async () => {
    const secret = join(lab.artifacts.folder, 'secret');
    await writeFile(secret, 'the secret of the server, which is nobody’s to read'.repeat(40));
    await instead(
      plain.sha256,
      (path) => symlink(secret, path),
      () => fails(plain.id),
    );
    expect(await readFile(secret, 'utf8')).toContain('the secret');
  });
});
