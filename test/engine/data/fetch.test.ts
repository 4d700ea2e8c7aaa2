/** `npm run data`: archives from a server nearby, through broken connections, into a datasets folder. */
import { execFile, execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { provide } from '../../../setup/data/provide.mjs';
import { type FileServer, serveFile } from '../../helpers/file-server.ts';
import { deflated, makeZip } from '../../helpers/zip.ts';

const root = join(import.meta.dirname, '../../..');
const image = randomBytes(300_000);
const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex');

let datasets: string;
let servers: FileServer[];
beforeEach(() => {
  datasets = mkdtempSync(join(tmpdir(), 'riftlab-fetch-'));
  servers = [];
});
afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()));
  rmSync(datasets, { recursive: true });
});

async function serve(...args: Parameters<typeof serveFile>): Promise<FileServer> {
  const server = await serveFile(...args);
  servers.push(server);
  return server;
}

/** A tar.gz of `digits` with some files. */
function tarOf(files: Record<string, Buffer>): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'riftlab-tar-'));
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
  execFileSync('tar', [
    '-czf',
    join(folder, 'archive.tar.gz'),
    '-C',
    folder,
    ...new Set(Object.keys(files).map((name) => name.split('/')[0] as string)),
  ]);
  const bytes = readFileSync(join(folder, 'archive.tar.gz'));
  rmSync(folder, { recursive: true });
  return bytes;
}

const digits = tarOf({ 'digits/train.bin': image, 'digits/test.bin': Buffer.from('the test images') });
const source = (bytes: Buffer, file = 'digits.tar.gz', changes = {}) => ({
  ...{ url: `http://127.0.0.1:9/${file}`, file, md5: md5(bytes), folder: 'digits', done: 'test.bin' },
  ...changes,
});
const fetched = (server: FileServer, bytes: Buffer, file?: string, progress = (_bytes: number, _total?: number) => {}) =>
  provide(source(bytes, file), datasets, { mirror: server.url, progress });
/** Waits until so much of the archive has been written. */
async function arrived(bytes: number): Promise<void> {
  const path = join(datasets, 'digits.tar.gz.part');
  while (bytes > 0 && !(existsSync(path) && statSync(path).size >= bytes)) await sleep(5);
}
const text = () => readFileSync(join(datasets, 'digits/test.bin'), 'utf8');

describe('a dataset', () => {
  it('is fetched, checked and unpacked with its progress, once', async () => {
    const server = await serve(() => digits);
    const seen: [number, number | undefined][] = [];
    expect(await fetched(server, digits, undefined, (bytes, total) => void seen.push([bytes, total]))).toBe(true);
    expect(readFileSync(join(datasets, 'digits/train.bin')).equals(image)).toBe(true);
    expect(seen.at(-1)).toEqual([digits.length, digits.length]);
    expect(seen.map(([bytes]) => bytes)).toEqual(seen.map(([bytes]) => bytes).toSorted((one, other) => one - other));
    expect(readdirSync(datasets)).toEqual(['digits']);
    expect(await fetched(server, digits)).toBe(false);
    expect(server.ranges).toEqual([null]);
  });

  it('goes on where the connection was cut, again and again', async () => {
    const server = await serve(() => digits, { cutAfter: (request) => (request < 5 ? 50_000 : undefined), beforeCut: arrived });
    expect(await fetched(server, digits)).toBe(true);
    expect(server.ranges[0]).toBeNull();
    expect(server.ranges.slice(1)).toEqual([1, 2, 3, 4, 5].map((part) => `bytes=${part * 50_000}-`));
    expect(text()).toBe('the test images');
  });

  it('goes on in another run with what came before', async () => {
    writeFileSync(join(datasets, 'digits.tar.gz.part'), digits.subarray(0, 70_000));
    const server = await serve(() => digits);
    expect(await fetched(server, digits)).toBe(true);
    expect(server.ranges).toEqual(['bytes=70000-']);
  });

  it('is not asked for again where all of it came, and only the end was missed', async () => {
    writeFileSync(join(datasets, 'digits.tar.gz.part'), digits);
    const server = await serve(() => digits);
    expect(await fetched(server, digits)).toBe(true);
    expect(server.ranges).toEqual([`bytes=${digits.length}-`]);
  });

  it.each([
    ['ignores ranges', { ignoresRange: true }, ['bytes=70000-']],
    ['sends another part than was asked for', { shift: 10 }, ['bytes=70000-', null]],
  ])('is fetched from its beginning from a server that %s', async (_what, behaviour, ranges) => {
    writeFileSync(join(datasets, 'digits.tar.gz.part'), digits.subarray(0, 70_000));
    const server = await serve(() => digits, behaviour);
    expect(await fetched(server, digits)).toBe(true);
    expect(server.ranges).toEqual(ranges);
    expect(text()).toBe('the test images');
  });

  it('is fetched from its beginning where another file lies on the server than before', async () => {
    writeFileSync(join(datasets, 'digits.tar.gz.part'), randomBytes(digits.length + 5));
    const server = await serve(() => digits);
    expect(await fetched(server, digits)).toBe(true);
    expect(server.ranges).toEqual([`bytes=${digits.length + 5}-`, null]);
  });

  it('gives up on a connection that brings nothing, keeps what came and says so', async () => {
    const server = await serve(() => digits, { cutAfter: (request) => (request === 0 ? 50_000 : 0), beforeCut: arrived });
    await expect(fetched(server, digits)).rejects.toThrow(/broke off after \d+ bytes: .* it goes on from there/);
    expect(readFileSync(join(datasets, 'digits.tar.gz.part')).length).toBe(50_000);
  });

  it('of another checksum is taken away, and nothing is unpacked', async () => {
    const server = await serve(() => Buffer.concat([digits, Buffer.of(0)]));
    await expect(fetched(server, digits)).rejects.toThrow(/^what came has the MD5 \w{32}; expected \w{32}\. It was taken away/);
    expect(readdirSync(datasets)).toEqual([]);
  });

  it('that lies there as an archive is unpacked without a network, and refused where it is another', async () => {
    writeFileSync(join(datasets, 'digits.tar.gz'), 'something else');
    const nothing = { progress() {} };
    await expect(provide(source(digits), datasets, nothing)).rejects.toThrow(/digits\.tar\.gz has the MD5 .*Take it away/);
    writeFileSync(join(datasets, 'digits.tar.gz'), digits);
    expect(await provide(source(digits), datasets, nothing)).toBe(true);
    expect(readdirSync(datasets)).toEqual(['digits']);
  });

  it('of which a part is there already is not mixed with it', async () => {
    mkdirSync(join(datasets, 'digits'));
    const server = await serve(() => digits);
    await expect(fetched(server, digits)).rejects.toThrow(/digits has no test\.bin: take the folder away/);
    expect(server.ranges).toEqual([]);
  });

  it('is whole or not there, when unpacking was cut off before', async () => {
    mkdirSync(join(datasets, '.unpacking-digits/digits'), { recursive: true });
    writeFileSync(join(datasets, '.unpacking-digits/digits/old'), '');
    const server = await serve(() => digits);
    expect(await fetched(server, digits)).toBe(true);
    expect(readdirSync(join(datasets, 'digits')).sort()).toEqual(['test.bin', 'train.bin']);
    expect(readdirSync(datasets)).toEqual(['digits']);
  });
});

describe('an archive', () => {
  it.each<[string, Buffer, string, RegExp]>([
    ['without its folder', tarOf({ 'other/test.bin': Buffer.of(1) }), 'digits.tar.gz', /has no folder digits/],
    ['that is none', Buffer.from('hello'.repeat(100)), 'digits.tar.gz', /cannot be unpacked: /],
    ['that is no zip', Buffer.from('hello'.repeat(100)), 'digits.zip', /it is no whole zip file/],
    ['cut off', digits.subarray(0, 200_000), 'digits.tar.gz', /cannot be unpacked: /],
    [
      'with a name that leads out',
      makeZip([['../digits/test.bin', 'x']]),
      'digits.zip',
      /"\.\.\/digits\/test\.bin" leads out of the folder/,
    ],
    ['with an absolute name', makeZip([['/tmp/test.bin', 'x']]), 'digits.zip', /"\/tmp\/test\.bin" leads out of the folder/],
    ['with a name of Windows', makeZip([['digits\\..\\..\\test.bin', 'x']]), 'digits.zip', /leads out of the folder/],
    [
      'with damaged bytes',
      makeZip([['digits/test.bin', 'x', { crc: 7 }]]),
      'digits.zip',
      /digits\/test\.bin has other bytes than were packed/,
    ],
    ['without what makes it whole', makeZip([['digits/train.bin', 'x']]), 'digits.zip', /digits\.zip has no digits\/test\.bin/],
  ])('%s is refused', async (what, bytes, file, message) => {
    const server = await serve(() => bytes);
    await expect(fetched(server, bytes, file)).rejects.toThrow(message);
    const left = readdirSync(datasets).filter((name) => name !== file);
    expect(left).toEqual(what === 'without what makes it whole' ? ['digits'] : []);
  });

  it('of the kind zip is unpacked, folders and empty files too', async () => {
    const members = [
      ['digits/', ''],
      ['digits/a/b/', ''],
      ['digits/a/b/c.txt', 'c'],
      deflated('digits/test.bin', 'the test images'),
      deflated('digits/train.bin', image),
      ['digits/none', ''],
    ] as const;
    const bytes = makeZip(members);
    const server = await serve(() => bytes);
    expect(await fetched(server, bytes, 'digits.zip')).toBe(true);
    expect(text()).toBe('the test images');
    expect(readFileSync(join(datasets, 'digits/a/b/c.txt'), 'utf8')).toBe('c');
    expect(readFileSync(join(datasets, 'digits/none')).length).toBe(0);
  });
});

describe('npm run data', () => {
  const run = (...args: string[]) =>
    new Promise<{ code: number; said: string }>((resolve) => {
      const command = [join(root, 'setup/data.mjs'), '--datasets', datasets, ...args];
      execFile(process.execPath, command, (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), said: stdout + stderr }));
    });

  it.each([
    [['cifar11'], /There is no dataset "cifar11"\.\nnpm run data -- NAME/],
    [[], /Name one dataset or more/],
    [['cifar10', '--mirror', 'ftp://here'], /--mirror is an address as https/],
    [['cifar10', '--force'], /Unknown option '--force'/],
  ])('%j is refused with how it is used', async (args, message) => {
    const { code, said } = await run(...args);
    expect(code).toBe(2);
    expect(said).toMatch(message);
  });

  it('says without a network which file belongs where, for each dataset', async () => {
    const { code, said } = await run('cifar10', 'Tiny_ImageNet', '--mirror', 'http://127.0.0.1:9');
    expect(code).toBe(1);
    expect(said).toMatch(
      /cifar10 could not be fetched: http:\/\/127\.0\.0\.1:9\/cifar-10-binary\.tar\.gz cannot be reached: .*ECONNREFUSED/,
    );
    expect(said).toContain(
      `put tiny-imagenet-200.zip into ${datasets} and run this again; or unpack it there so that ${datasets}/tiny-imagenet-200/val`,
    );
    expect(said).not.toMatch(/^ +at /m);
  });

  it('says what the server answered, and goes on with the next', async () => {
    const server = await serve(() => digits, { status: 404 });
    const { code, said } = await run('cifar100', 'cifar10-c', '--mirror', `${server.url}/`);
    expect(code).toBe(1);
    expect(said).toMatch(/cifar100 could not be fetched: .*\/cifar-100-binary\.tar\.gz answered 404/);
    expect(said).toMatch(/cifar10-c could not be fetched: .*\/CIFAR-10-C\.tar answered 404/);
  });

  it('leaves alone what is there', async () => {
    mkdirSync(join(datasets, 'cifar-100-binary'));
    writeFileSync(join(datasets, 'cifar-100-binary/test.bin'), '');
    expect(await run('CIFAR-100')).toEqual({ code: 0, said: `cifar100: ${datasets}/cifar-100-binary is there already.\n` });
  });

  it('says where it cannot write', async () => {
    writeFileSync(join(datasets, 'file'), '');
    const folder = join(datasets, 'file/within');
    const { code, said } = await run('cifar10', '--datasets', folder);
    expect(code).toBe(1);
    expect(said).toMatch(/^The datasets folder .*file\/within cannot be made: ENOTDIR/);
  });
});
