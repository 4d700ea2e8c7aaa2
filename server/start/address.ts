/** DATA/address: where the server of this data folder is reached, while it runs. */
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { StartError } from '../errors.ts';
import { isInUse } from './data-folder.ts';

export interface Running {
  databaseUrl: string;
  /** As people open it, without a slash at its end. */
  home: string;
}

/** Returns what forgets it. */
export async function keepAddress({ data }: Config, home: string): Promise<() => Promise<void>> {
  const file = join(data, 'address');
  await writeFile(file, `${home}\n`, { mode: 0o600 });
  return () => rm(file, { force: true });
}

/** The server that runs on this data folder; null when none does. */
export async function findRunning({ data, databaseUrl }: Config): Promise<Running | null> {
  if (!existsSync(data))
    throw new StartError(`There is no data folder ${data} yet: npm start makes it. If it is elsewhere, add --data DIR.`);
  if (!(await isInUse(data))) return null;
  const read = async (name: string) => (await readFile(join(data, name), 'utf8').catch(() => '')).trim();
  const running = { databaseUrl: databaseUrl ?? (await read('database-url')), home: await read('address') };
  if (running.databaseUrl && running.home) return running;
  throw new StartError(`RiftLab is just starting on ${data}, and prints an address once it is ready. Otherwise try again in a moment.`);
}
