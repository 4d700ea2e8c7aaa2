/** Who may do what with the files of a folder. */
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

export const rights = async (path: string) => ((await lstat(path)).mode & 0o777).toString(8);

/** Everything in a folder that others may do something with, and how many files it has. */
export async function openFiles(path: string): Promise<{ open: string[]; files: number }> {
  const names = await readdir(path, { recursive: true });
  const open = [];
  for (const name of ['.', ...names]) {
    const mode = (await lstat(join(path, name)).catch(() => undefined))?.mode ?? 0;
    if (mode & 0o077) open.push(`${name} ${(mode & 0o777).toString(8)}`);
  }
  return { open, files: names.length };
}
