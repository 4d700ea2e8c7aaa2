/** One dataset: fetched unless it is there, checked, unpacked. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SetupError } from '../steps.mjs';
import { download } from './download.mjs';
import { unpack } from './unpack.mjs';

async function md5Of(path) {
  const hash = createHash('md5');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest('hex');
}

/** The archive, with the right checksum. */
async function archiveOf({ url, file, md5 }, datasets, { mirror, progress }) {
  const archive = join(datasets, file);
  if (existsSync(archive)) {
    const found = await md5Of(archive);
    if (found === md5) return archive;
    throw new SetupError(`${archive} has the MD5 ${found}; expected ${md5}. Take it away and run this again`);
  }
  const part = `${archive}.part`;
  await download(new URL(mirror ? `${mirror.replace(/\/+$/, '')}/${file}` : url), part, progress);
  const found = await md5Of(part);
  if (found !== md5) {
    await rm(part);
    throw new SetupError(`what came has the MD5 ${found}; expected ${md5}. It was taken away; run this again`);
  }
  await rename(part, archive);
  return archive;
}

/**
 * @param {import('./sources.mjs').Source} source
 * @param {string} datasets the folder
 * @param {{ mirror?: string, progress(bytes: number, total: number | undefined): void }} options
 * @returns {Promise<boolean>} false where it was there already
 * @throws {SetupError} a clause that says why not
 */
export async function provide(source, datasets, options) {
  const target = join(datasets, source.folder);
  if (existsSync(join(target, source.done))) return false;
  if (existsSync(target)) throw new SetupError(`${target} has no ${source.done}: take the folder away, then run this again`);
  const archive = await archiveOf(source, datasets, options);
  await unpack(archive, target);
  if (!existsSync(join(target, source.done))) throw new SetupError(`${source.file} has no ${source.folder}/${source.done}`);
  await rm(archive);
  return true;
}
