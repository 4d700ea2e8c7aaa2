/** Archives of datasets: unpacked beside their place, which they take only when they are whole. */
import { spawn } from 'node:child_process';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { SetupError } from '../steps.mjs';
import { contentsOf, readDirectory, staysWithin } from '../zip.mjs';

/** tar leaves out what leads out of the folder, by itself. */
async function unpackTar(archive, folder) {
  const tar = spawn('tar', ['-xf', archive, '-C', folder], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise((resolve, reject) => {
    tar.on('error', (error) => reject(error.code === 'ENOENT' ? new Error('there is no program tar here') : error));
    tar.on('close', resolve);
  });
  const [code, said] = await Promise.all([ended, text(tar.stderr)]);
  if (code !== 0) throw new Error(said.trim().split('\n').at(-1) || `tar ended with ${code}`);
}

/** Checks a member's bytes on their way. */
async function* checked(content, { name, crc }) {
  let sum = 0;
  for await (const chunk of content) {
    sum = crc32(chunk, sum);
    yield chunk;
  }
  if (sum !== crc) throw new Error(`${name} has other bytes than were packed`);
}

async function unpackZip(archive, folder) {
  const handle = await open(archive);
  const made = new Set();
  try {
    for (const member of await readDirectory(handle)) {
      if (!staysWithin(member.name)) throw new Error(`${JSON.stringify(member.name)} leads out of the folder`);
      if (member.method !== 0 && member.method !== 8) throw new Error(`${member.name} is packed in a way that is not known here`);
      const path = join(folder, member.name);
      const place = member.name.endsWith('/') ? path : dirname(path);
      if (!made.has(place)) await mkdir(place, { recursive: true });
      made.add(place);
      if (member.name.endsWith('/')) continue;
      await pipeline(...(await contentsOf(handle, archive, member)), (content) => checked(content, member), createWriteStream(path));
    }
  } finally {
    await handle.close();
  }
}

/**
 * Unpacks an archive (.zip, .tar, .tar.gz) that has one folder.
 * @param {string} archive
 * @param {string} target where that folder goes
 * @throws {SetupError} nothing is left behind then
 */
export async function unpack(archive, target) {
  const [datasets, top] = [dirname(target), basename(target)];
  if (existsSync(target)) throw new SetupError(`${target} is there already, and is not whole: take it away, then run this again`);
  const draft = join(datasets, `.unpacking-${top}`);
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft);
  try {
    await (archive.endsWith('.zip') ? unpackZip : unpackTar)(archive, draft);
    if (!existsSync(join(draft, top))) throw new Error(`it has no folder ${top}`);
    await rename(join(draft, top), target);
  } catch (error) {
    throw new SetupError(`${archive} cannot be unpacked: ${error.message}`);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}
