/** Files that several processes, also of several machines, may make at the same time. */
import { randomUUID } from 'node:crypto';
import { link, rename, rm } from 'node:fs/promises';

/** Where a file is written before it has its name: nobody else writes there. */
export const draftOf = (path: string) => `${path}.${randomUUID()}`;

/** Gives a finished draft its name. Where another process was quicker with the same file that one stays, as somebody may be reading it. */
export async function publish(draft: string, path: string): Promise<void> {
  try {
    await link(draft, path);
  } catch (error) {
    // Not every file system has links.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return rename(draft, path);
  }
  await rm(draft, { force: true });
}
