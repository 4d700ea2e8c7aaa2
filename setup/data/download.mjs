/** A file from the network, of which what has come is kept: a download that was cut off goes on where it ended. */
import { createWriteStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { get } from '../network.mjs';
import { SetupError } from '../steps.mjs';

/** In a row that bring nothing. */
const mostAttempts = 4;
const pauseMilliseconds = 500;
const hint = 'Set HTTPS_PROXY or SSL_CERT_FILE if this network needs them, or name a mirror with --mirror';

/** The connection broke, or the server cannot go on where the file ends: another request may help. */
class Interruption extends Error {}

const sizeOf = (path) =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  );

/** Where a part begins and how long the whole is, as the server says: `bytes 100-999/1000`. */
function partOf({ headers }) {
  const [, start, total] = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(headers['content-range'] ?? '') ?? [];
  return { start: Number(start), total: Number(total) };
}

/** What the response has to add to the `before` bytes that are there; undefined where nothing is missing. */
async function placeOf(response, path, before) {
  const { statusCode, headers } = response;
  const { start, total } = partOf(response);
  if (statusCode === 200) return { start: 0, total: Number(headers['content-length']) };
  if (statusCode === 206 && start === before) return { start, total };
  response.resume();
  if (statusCode === 416 && total === before) return undefined;
  await rm(path, { force: true });
  throw new Interruption('the server has another file than before');
}

function counting(start, total, progress) {
  let bytes = start;
  return new Transform({
    transform(chunk, _encoding, next) {
      bytes += chunk.length;
      progress(bytes, Number.isFinite(total) ? total : undefined);
      next(null, chunk);
    },
  });
}

async function goOn(url, path, progress) {
  const before = await sizeOf(path);
  const range = before > 0 ? { range: `bytes=${before}-` } : {};
  const response = await get(url, range, { accepted: before > 0 ? [200, 206, 416] : [200], hint });
  const place = await placeOf(response, path, before);
  if (!place) return;
  const { start, total } = place;
  try {
    await pipeline(response, counting(start, total, progress), createWriteStream(path, { flags: start > 0 ? 'a' : 'w' }));
  } catch (error) {
    if (/^(ENOSPC|EDQUOT|EACCES|EROFS|EIO|EISDIR)$/.test(error.code)) throw new SetupError(`${path} cannot be written: ${error.message}.`);
    throw new Interruption(error.message);
  }
  if (Number.isFinite(total) && (await sizeOf(path)) < total) throw new Interruption('the connection was closed early');
}

/**
 * Fetches what is missing of a file; connections that break are taken up again as long as something comes.
 * @param {URL} url
 * @param {string} path of what is there of it
 * @param {(bytes: number, total: number | undefined) => void} progress
 */
export async function download(url, path, progress) {
  for (let attempts = 1; ; attempts += 1) {
    const before = await sizeOf(path);
    try {
      return await goOn(url, path, progress);
    } catch (error) {
      if (!(error instanceof Interruption)) throw error;
      const bytes = await sizeOf(path);
      if (bytes > before) attempts = 0;
      if (attempts >= mostAttempts)
        throw new SetupError(
          `${url.origin}${url.pathname} broke off after ${bytes} bytes: ${error.message}. Run this again; it goes on from there.`,
        );
      await sleep(pauseMilliseconds * Math.max(1, attempts));
    }
  }
}
