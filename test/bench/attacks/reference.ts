/** The reference implementation of AutoAttack, run as a process of its own on the same images with as many threads. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { GoldenRow } from '../../golden/attack-rows.ts';
import { chainOf, checkpointFile } from '../../golden/public.ts';

export interface Reference {
  /** A Python with torch and numpy. */
  python: string;
  /** The folder that holds its package `autoattack`. */
  folder: string;
  datasets: string;
  threads: number;
}

/** Seconds by the wall's clock of its attacks, and what they leave right, one character an image. */
export interface ReferenceAnswer {
  seconds: Record<string, number>;
  flags: Record<string, string>;
}

/** undefined where the row is none of its attacks, or its network no chain of layers. */
export async function measureReference(
  { python, folder, datasets, threads }: Reference,
  { file, attack, eps_255 = 0, last_layer_times = 1, seed = 0 }: GoldenRow,
  images: number,
): Promise<ReferenceAnswer | undefined> {
  const chain = chainOf(file);
  const attacks = attack === 'autoattack-standard' ? 'standard' : attack.endsWith(' alone') ? [attack.replace(' alone', '')] : undefined;
  if (!chain || !attacks) return undefined;
  const asked = {
    ...{ package: folder, checkpoint: checkpointFile(file), ...chain, times: last_layer_times },
    ...{ datasets, images, epsilon: eps_255 / 255, threads, seed, attacks },
  };
  const program = join(import.meta.dirname, 'reference.py');
  const { stdout } = await promisify(execFile)(python, [program, JSON.stringify(asked)], { maxBuffer: 2 ** 24 });
  return JSON.parse(stdout) as ReferenceAnswer;
}
