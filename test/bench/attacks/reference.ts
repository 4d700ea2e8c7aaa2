/** The reference implementation of AutoAttack, run as a process of its own on the same images with as many threads. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { GoldenRow, Spent } from '../../golden/attack-rows.ts';
import { chainOf, checkpointFile } from '../../golden/public.ts';

export interface Reference {
  /** A Python with torch and numpy. */
  python: string;
  /** The folder that holds its package `autoattack`. */
  folder: string;
  datasets: string;
  threads: number;
}

/** What the program prints: seconds of every attack by either clock. */
type Answer = Record<keyof Spent, Record<string, number>>;

export const total = (seconds: Record<string, number>) => Object.values(seconds).reduce((sum, one) => sum + one, 0);

/** What it takes of either clock; undefined where the row is none of its attacks, or its network no chain of layers. */
export async function measureReference(
  { python, folder, datasets, threads }: Reference,
  { file, attack, eps_255 = 0, last_layer_times = 1, seed = 0 }: GoldenRow,
  images: number,
): Promise<Spent | undefined> {
  const chain = chainOf(file);
  const attacks = attack === 'autoattack-standard' ? 'standard' : attack.endsWith(' alone') ? [attack.replace(' alone', '')] : undefined;
  if (!chain || !attacks) return undefined;
  const asked = {
    ...{ package: folder, checkpoint: checkpointFile(file), ...chain, times: last_layer_times },
    ...{ datasets, images, epsilon: eps_255 / 255, threads, seed, attacks },
  };
  const program = join(import.meta.dirname, 'reference.py');
  const { stdout } = await promisify(execFile)(python, [program, JSON.stringify(asked)], { maxBuffer: 2 ** 24 });
  const { seconds, processor } = JSON.parse(stdout) as Answer;
  return { seconds: total(seconds), processor: total(processor) };
}
