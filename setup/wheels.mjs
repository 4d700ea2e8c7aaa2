/** Files of Python packages: listed by a package index (PIP_INDEX_URL, or PyPI), fetched with their checksum, unpacked in part. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import yauzl from 'yauzl';
import { get } from './index-client.mjs';
import { SetupError } from './steps.mjs';

const indexAddress = () => `${(process.env.PIP_INDEX_URL || 'https://pypi.org/simple').replace(/\/+$/, '')}/`;

/**
 * @typedef {object} Wheel
 * @property {string} filename
 * @property {URL} url
 * @property {string | undefined} sha256 undefined where the index has none
 */

/**
 * The wheels of a project, of every version and for every machine.
 * @param {string} project
 * @returns {Promise<Wheel[]>}
 */
export async function listWheels(project) {
  const page = new URL(`${project}/`, indexAddress());
  const response = await get(page, { accept: 'application/vnd.pypi.simple.v1+json, text/html;q=0.1' });
  const answer = await text(response);
  const isJson = (response.headers['content-type'] ?? '').includes('json');
  return (isJson ? filesOfJson(answer) : filesOfPage(answer))
    .filter(({ filename }) => filename.endsWith('.whl'))
    .map((wheel) => ({ ...wheel, url: new URL(wheel.url, response.address) }));
}

const filesOfJson = (answer) => JSON.parse(answer).files.map(({ filename, url, hashes }) => ({ filename, url, sha256: hashes?.sha256 }));

/** Mirrors that know only the older form: links whose fragment is the checksum. */
function filesOfPage(answer) {
  const links = [...answer.matchAll(/<a\s[^>]*href="([^"]+)"[^>]*>([^<]+)<\/a>/gi)];
  return links.map(([, href, name]) => {
    const url = href.replaceAll('&amp;', '&');
    return { filename: name.trim(), url, sha256: /#sha256=([0-9a-f]{64})/i.exec(url)?.[1] };
  });
}

/** Passes data on; its checksum at the end. */
function measure() {
  const hash = createHash('sha256');
  const stream = new Transform({
    transform(chunk, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  return { stream, sha256: () => hash.digest('hex') };
}

/**
 * Fetches a wheel to a file, which exists only once it is whole and its checksum is right.
 * @param {Wheel} wheel
 * @param {string} file
 */
export async function fetchWheel({ filename, url, sha256 }, file) {
  if (!sha256) throw new SetupError(`The index gives no checksum of ${filename}; set PIP_INDEX_URL to one that does.`);
  const response = await get(url);
  const part = `${file}.part`;
  await mkdir(dirname(file), { recursive: true });
  try {
    const measured = measure();
    await pipeline(response, measured.stream, createWriteStream(part));
    const found = measured.sha256();
    if (found !== sha256) throw new SetupError(`${filename} arrived damaged: its sha256 is ${found}, the index says ${sha256}.`);
    await rename(part, file);
  } catch (error) {
    if (error instanceof SetupError) throw error;
    if (error.code === 'ENOSPC')
      throw new SetupError(`There is no space left for ${filename} in ${dirname(file)}: free some and try again.`);
    throw new SetupError(`The download of ${filename} broke off: ${error.message}. Try again.`);
  } finally {
    await rm(part, { force: true });
  }
}

/** sha256 by member, from the wheel's own record, in hexadecimal. */
function readRecord(record) {
  const lines = record.split('\n').map((line) => /^(.+),sha256=([\w-]+),\d*\s*$/.exec(line));
  return new Map(
    lines.filter(Boolean).map(([, name, code]) => [name.replace(/^"|"$/g, ''), Buffer.from(code, 'base64url').toString('hex')]),
  );
}

/** The wheel's members that are wanted, and its record, which is the last of them. */
async function readMembers(zip, isWanted) {
  const wanted = [];
  let record;
  for await (const entry of zip.eachEntry()) {
    if (/^[^/]+\.dist-info\/RECORD$/.test(entry.fileName)) record = entry;
    else if (!entry.fileName.endsWith('/') && isWanted(entry.fileName)) wanted.push(entry);
  }
  return { wanted, sums: record ? readRecord(await text(await zip.openReadStreamPromise(record))) : new Map() };
}

/**
 * Unpacks members of a wheel. Each file appears only when it is whole and agrees with the wheel's record.
 * @param {string} path of the wheel
 * @param {string} folder
 * @param {(member: string) => string | undefined} placeOf where in the folder a member goes; undefined leaves it out
 * @returns {Promise<string[]>} the files written
 */
export async function unpackWheel(path, folder, placeOf) {
  let zip;
  try {
    zip = await yauzl.openPromise(path, { autoClose: false });
    const { wanted, sums } = await readMembers(zip, (name) => placeOf(name) !== undefined);
    const written = [];
    for (const entry of wanted) {
      const file = join(folder, placeOf(entry.fileName));
      await writeMember(await zip.openReadStreamPromise(entry), file, entry.fileName, sums.get(entry.fileName));
      written.push(file);
    }
    return written;
  } catch (error) {
    if (error instanceof SetupError) throw error;
    if (error.code === 'ENOSPC') throw new SetupError(`There is no space left in ${folder}: free some and try again.`);
    throw new SetupError(`${basename(path)} cannot be unpacked: ${error.message}. Fetch it again.`);
  } finally {
    zip?.close();
  }
}

async function writeMember(contents, file, name, expected) {
  const part = `${file}.part`;
  await mkdir(dirname(file), { recursive: true });
  try {
    const measured = measure();
    await pipeline(contents, measured.stream, createWriteStream(part, { mode: 0o755 }));
    const found = measured.sha256();
    if (expected !== found)
      throw new SetupError(`${name} is damaged in the wheel: its record says ${expected}, it is ${found}. Fetch it again.`);
    await rename(part, file);
  } finally {
    await rm(part, { force: true });
  }
}
