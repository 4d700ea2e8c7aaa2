/** Measured speeds of devices, kept in the data folder: measured again when the device, its runtime or its driver is another. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import type { EngineDevice } from '../../engine/index.ts';

/** What is measured; another number here makes all old speeds void. */
const measurement = 2;

export interface Speeds {
  read(device: EngineDevice, threads: number): Promise<number | undefined>;
  /** A speed that was measured beside other work, or that cannot be kept, is measured again next time. */
  write(device: EngineDevice, threads: number, imagesPerSecond: number): Promise<void>;
}

const isQuiet = () => (loadavg()[0] as number) <= availableParallelism();

/** @param mayKeep whether what is measured now counts next time */
export function openSpeeds(folder: string, mayKeep = isQuiet): Speeds {
  const fileOf = ({ backend, kind, index, name, versions }: EngineDevice, threads: number) => {
    const key = JSON.stringify([measurement, backend, kind, index, name, versions, threads, process.version]);
    return join(folder, `${createHash('sha256').update(key).digest('hex').slice(0, 32)}.json`);
  };
  return {
    async read(device, threads) {
      try {
        const { imagesPerSecond } = JSON.parse(await readFile(fileOf(device, threads), 'utf8')) as { imagesPerSecond?: unknown };
        return typeof imagesPerSecond === 'number' && imagesPerSecond > 0 ? imagesPerSecond : undefined;
      } catch {
        return undefined;
      }
    },
    async write(device, threads, imagesPerSecond) {
      const file = fileOf(device, threads);
      if (!mayKeep()) return;
      const half = `${file}.${process.pid}`;
      try {
        await mkdir(folder, { recursive: true });
        await writeFile(half, `${JSON.stringify({ ...device, threads, imagesPerSecond, measuredAt: new Date() }, undefined, 1)}\n`);
        await rename(half, file);
      } catch {
        return;
      }
    },
  };
}
