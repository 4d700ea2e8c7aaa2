/** What was decoded or unpacked of files that are others now goes once nobody has read it for some days; so do drafts of killed processes. */
import { readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A file system may note only once a day that a file was read. */
const quietMilliseconds = 3 * 86_400_000;

/** Between two signs of use of the same file. */
const signMilliseconds = 3_600_000;

const signOf = (path: string) => `${path}.used`;

/**
 * Says that a file is in use, beside it, as the time of its last reading is not kept everywhere. Returns a function to call at every
 * reading, which does so once an hour; that it cannot be written is no error.
 */
export function signOfUse(path: string): () => void {
  let last = Date.now();
  return () => {
    const now = Date.now();
    if (now - last < signMilliseconds) return;
    last = now;
    const time = new Date(now);
    utimes(signOf(path), time, time)
      .catch(() => writeFile(signOf(path), ''))
      .catch(() => {});
  };
}

/** When the file, or the sign beside it, was last touched in any way; 0 when it is gone. */
async function lastUse(path: string): Promise<number> {
  const times = await Promise.all(
    [path, signOf(path)].map((one) =>
      stat(one).then(
        ({ atimeMs, mtimeMs }) => Math.max(atimeMs, mtimeMs),
        () => 0,
      ),
    ),
  );
  return Math.max(...times);
}

/**
 * Removes what is not kept of the files that a dataset was decoded or unpacked into. Any process may, at any time: what another still reads has been touched.
 * name: of the dataset; kept: names of the files that are those of its images.
 */
export async function removeOldFiles(folder: string, name: string, kept: readonly string[]): Promise<void> {
  const escaped = name.replaceAll(/[^\w]/g, '\\$&');
  const own = new RegExp(`^${escaped}(-(train|test)(-(images|labels))?-[0-9a-f]{16}\\.(safetensors|npy)(\\.\\d+)?|\\.json\\.\\d+)$`);
  const found = (await readdir(folder).catch(() => [])).filter((file) => own.test(file) && !kept.includes(file));
  for (const path of found.map((file) => join(folder, file))) {
    if (Date.now() - (await lastUse(path)) < quietMilliseconds) continue;
    // Another process may have been as quick; what cannot be removed is tried again the next time.
    await Promise.all([path, signOf(path)].map((one) => rm(one, { force: true }).catch(() => {})));
  }
}
