/** What was decoded or unpacked of files that are others now goes once nobody has read it for some days; so do drafts of killed processes. */
import { readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { whileUnchanged } from './unchanged.ts';

/** A file system may note only once a day that a file was read. */
const quietMilliseconds = 3 * 86_400_000;

const hourMilliseconds = 3_600_000;

const signOf = (path: string) => `${path}.used`;

/** That it cannot be written is no error: the file's own times are then all that speaks for it. */
async function sign(path: string): Promise<void> {
  const time = new Date();
  await utimes(signOf(path), time, time)
    .catch(() => writeFile(signOf(path), ''))
    .catch(() => {});
}

/**
 * Says beside a file, before it is opened, that it is in use: the time of its last reading is not kept everywhere. Returns a function to
 * call at every reading, which says so again once an hour.
 */
export async function signOfUse(path: string): Promise<() => void> {
  let last = Date.now();
  await sign(path);
  return () => {
    if (Date.now() - last < hourMilliseconds) return;
    last = Date.now();
    sign(path);
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
 * Says that these files of a dataset are in use, and removes the others that it was once decoded or unpacked into, at most once an hour.
 * Any process may, at any time: what another still reads has its sign.
 * folder: the cache; name: of the dataset; kept: names of the files that are those of its images.
 */
export async function keepFiles(folder: string, name: string, kept: readonly string[]): Promise<void> {
  const hour = Math.floor(Date.now() / hourMilliseconds);
  await whileUnchanged(`files of ${join(folder, name)}`, [hour, ...kept].join(), async () => {
    await Promise.all(kept.map((file) => sign(join(folder, file))));
    await removeOthers(folder, name, kept);
  });
}

async function removeOthers(folder: string, name: string, kept: readonly string[]): Promise<void> {
  const escaped = name.replaceAll(/[^\w]/g, '\\$&');
  const made = '(train|test)(-(images|labels))?-[0-9a-f]{16}\\.(safetensors|npy)';
  const own = new RegExp(`^${escaped}(-${made}(\\.[0-9a-f-]+)?|\\.json\\.[0-9a-f-]+)$`);
  const found = (await readdir(folder).catch(() => [])).filter((file) => own.test(file) && !kept.includes(file));
  for (const path of found.map((file) => join(folder, file))) {
    if (Date.now() - (await lastUse(path)) < quietMilliseconds) continue;
    // Another process may have been as quick; what cannot be removed is tried again the next time.
    await Promise.all([path, signOf(path)].map((one) => rm(one, { force: true }).catch(() => {})));
  }
}
