/** Wheels on a package index (PIP_INDEX_URL, or PyPI; PEP 503 and PEP 691): found, and fetched with their checksum. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { get } from '../network.mjs';
import { SetupError } from '../steps.mjs';
import { compareVersions, readName, satisfies } from './versions.mjs';

const indexAddress = () => `${(process.env.PIP_INDEX_URL || 'https://pypi.org/simple').replace(/\/+$/, '')}/`;

/**
 * @typedef {object} Wheel
 * @property {string} filename
 * @property {string} project
 * @property {string} version
 * @property {URL} url
 * @property {string | undefined} sha256 undefined where the index has none
 */

/**
 * The newest wheel of a project in a range of versions that fits this machine; of several of one version the last by name.
 * @param {string} project
 * @param {string} range as in a requirement: `==2.21.0` or `<13.0,>=12.5`
 * @returns {Promise<Wheel>}
 */
export async function findWheel(project, range) {
  const page = new URL(`${project}/`, indexAddress());
  const response = await get(page, { accept: 'application/vnd.pypi.simple.v1+json, text/html;q=0.1' });
  const content = await text(response);
  const isJson = (response.headers['content-type'] ?? '').includes('json');
  const fitting = (isJson ? filesOfJson(content) : filesOfPage(content))
    .map((file) => ({ ...file, ...readName(file.filename) }))
    .filter(({ version }) => version !== undefined && satisfies(version, range))
    .sort((a, b) => compareVersions(a.version, b.version) || (a.filename < b.filename ? -1 : 1));
  const newest = fitting.at(-1);
  if (!newest) throw new SetupError(`The index ${page.host} has no wheel of ${project} ${range} for Linux on ${process.arch}.`);
  return { ...newest, url: new URL(newest.url, response.address) };
}

const filesOfJson = (content) => JSON.parse(content).files.map(({ filename, url, hashes }) => ({ filename, url, sha256: hashes?.sha256 }));

/** Mirrors that know only the older form: links whose fragment is the checksum. */
function filesOfPage(content) {
  const links = [...content.matchAll(/<a\s[^>]*href="([^"]+)"[^>]*>([^<]+)<\/a>/gi)];
  return links.map(([, href, name]) => {
    const url = href.replaceAll('&amp;', '&');
    return { filename: name.trim(), url, sha256: /#sha256=([0-9a-f]{64})/i.exec(url)?.[1] };
  });
}

/**
 * Fetches a wheel into a folder; there is no file unless it is whole and its checksum is right.
 * @param {Wheel} wheel
 * @param {string} folder
 * @returns {Promise<string>} the file
 */
export async function download({ filename, url, sha256 }, folder) {
  if (!sha256) throw new SetupError(`The index gives no checksum of ${filename}; set PIP_INDEX_URL to one that does.`);
  const file = join(folder, filename);
  const response = await get(url);
  const hash = createHash('sha256');
  const hashing = new Transform({
    transform(chunk, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  try {
    await pipeline(response, hashing, createWriteStream(file));
    const found = hash.digest('hex');
    if (found !== sha256) throw new SetupError(`${filename} arrived damaged: its sha256 is ${found}, the index says ${sha256}. Try again.`);
    return file;
  } catch (error) {
    await rm(file, { force: true });
    if (error instanceof SetupError) throw error;
    if (error.code === 'ENOSPC') throw new SetupError(`There is no space left for ${filename} in ${folder}: free some and try again.`);
    throw new SetupError(`${filename} could not be fetched: ${error.message}. Try again.`);
  }
}
