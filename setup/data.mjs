/**
 * `npm run data -- NAME ...`: fetches the official files of datasets into the datasets folder. A download that was cut off goes
 * on where it ended; an archive is unpacked only when its checksum is right.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';

const zenodo = (record, file) => `https://zenodo.org/records/${record}/files/${file}?download=1`;
const toronto = (file) => `https://www.cs.toronto.edu/~kriz/${file}`;

/** done: a file that is there once the archive is unpacked. */
const sources = {
  cifar10: {
    url: toronto('cifar-10-binary.tar.gz'),
    file: 'cifar-10-binary.tar.gz',
    md5: 'c32a1d4ab5d03f1284b67883e8d87530',
    done: 'cifar-10-batches-bin/test_batch.bin',
  },
  cifar100: {
    url: toronto('cifar-100-binary.tar.gz'),
    file: 'cifar-100-binary.tar.gz',
    md5: '03b5dce01913d631647c71ecec9e9cb8',
    done: 'cifar-100-binary/test.bin',
  },
  'tiny-imagenet': {
    url: 'http://cs231n.stanford.edu/tiny-imagenet-200.zip',
    file: 'tiny-imagenet-200.zip',
    md5: '90528d7ca1a48142e341f4ef8d21d0de',
    done: 'tiny-imagenet-200/val/val_annotations.txt',
  },
  'cifar10-c': {
    url: zenodo(2535967, 'CIFAR-10-C.tar'),
    file: 'CIFAR-10-C.tar',
    md5: '56bf5dcef84df0e2308c6dcbcbbd8499',
    done: 'CIFAR-10-C/labels.npy',
  },
  'cifar100-c': {
    url: zenodo(3555552, 'CIFAR-100-C.tar'),
    file: 'CIFAR-100-C.tar',
    md5: '11f0ed0f1191edbf9fa23466ae6021d3',
    done: 'CIFAR-100-C/labels.npy',
  },
  'tiny-imagenet-c': {
    url: zenodo(2536630, 'Tiny-ImageNet-C.tar'),
    file: 'Tiny-ImageNet-C.tar',
    md5: 'f9c9a9dbdc11469f0b850190f7ad8be1',
    done: 'Tiny-ImageNet-C/fog',
  },
};

const usage = `npm run data -- NAME ... [--datasets FOLDER] [--mirror URL]
  NAME      ${Object.keys(sources).join(', ')}
  --mirror  where the archives lie under their own names, instead of at their authors'`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    datasets: { type: 'string', default: process.env.RIFTLAB_DATASETS ?? '.riftlab/datasets' },
    mirror: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});
const canonical = (name) => name.toLowerCase().replaceAll(/[-_]/g, '');
const names = positionals.map((name) => Object.keys(sources).find((known) => canonical(known) === canonical(name)) ?? name);
const unknown = names.find((name) => !Object.hasOwn(sources, name));
if (values.help || names.length === 0 || unknown) {
  if (unknown) console.error(`There is no dataset ${JSON.stringify(unknown)}.`);
  console.error(usage);
  process.exit(values.help ? 0 : 2);
}
const folder = resolve(values.datasets);
const sizeOf = (path) => (existsSync(path) ? statSync(path).size : 0);

/** Megabytes so far, on one line of a terminal. */
function progress(name, before, total) {
  let bytes = before;
  let said = 0;
  return new Transform({
    transform(chunk, _encoding, next) {
      bytes += chunk.length;
      if (process.stderr.isTTY && Date.now() - said > 500) {
        said = Date.now();
        process.stderr.write(`\r${name}: ${Math.round(bytes / 1e6)} of ${total ? Math.round(total / 1e6) : '?'} MB `);
      }
      next(null, chunk);
    },
  });
}

async function download(url, file) {
  const part = join(folder, `${file}.part`);
  const before = sizeOf(part);
  const response = await fetch(url, before > 0 ? { headers: { range: `bytes=${before}-` } } : {});
  if (response.status === 416) return part;
  if (!response.ok || !response.body) throw new Error(`the server answered ${response.status}`);
  const goesOn = response.status === 206;
  const rest = Number(response.headers.get('content-length') ?? 0);
  const start = goesOn ? before : 0;
  await pipeline(
    Readable.fromWeb(response.body),
    progress(file, start, rest && start + rest),
    createWriteStream(part, { flags: goesOn ? 'a' : 'w' }),
  );
  return part;
}

async function md5Of(path) {
  const hash = createHash('md5');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}

async function provide(name) {
  const { url: official, file, md5, done } = sources[name];
  if (existsSync(join(folder, done))) return console.log(`${name}: ${join(folder, done)} is there already.`);
  const url = values.mirror ? `${values.mirror.replace(/\/$/, '')}/${file}` : official;
  const archive = join(folder, file);
  if (!existsSync(archive)) {
    const part = await download(url, file);
    const found = await md5Of(part);
    if (found !== md5) {
      rmSync(part);
      throw new Error(`${file} has the MD5 ${found}, expected ${md5}; it was taken away`);
    }
    renameSync(part, archive);
  } else if ((await md5Of(archive)) !== md5) throw new Error(`${archive} has not the MD5 ${md5}; take it away and try again`);
  if (file.endsWith('.zip')) execFileSync('unzip', ['-q', '-o', archive, '-d', folder], { stdio: 'inherit' });
  else execFileSync('tar', ['-xf', archive, '-C', folder], { stdio: 'inherit' });
  rmSync(archive);
  console.log(`${name}: ${join(folder, done)}`);
}

mkdirSync(folder, { recursive: true });
for (const name of names) {
  try {
    await provide(name);
  } catch (error) {
    const { url, file, done } = sources[name];
    console.error(`${name} could not be fetched: ${error.message}${error.cause ? ` (${error.cause.message})` : ''}.`);
    console.error(
      `Fetch ${url} elsewhere, put ${file} into ${folder} and run this again; or unpack it there so that ${join(folder, done)} exists.`,
    );
    process.exitCode = 1;
  }
}
