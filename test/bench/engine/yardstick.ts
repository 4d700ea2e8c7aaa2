/** The PyTorch program that the engine is measured against, run as a process of its own. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ArchitectureName } from '../../../engine/config.ts';

export interface Yardstick {
  python: string;
  file: string;
  datasets: string;
  threads: number;
}

/** Its name of an architecture. */
export const modelOf = (architecture: ArchitectureName) => architecture.toLowerCase().replace('_', '-');

/** What its JSON holds of what is read here. */
interface Answer {
  seconds?: Record<string, number>;
  steps?: Record<string, { img_per_s: number }>;
}

export async function runYardstick(
  { python, file, datasets, threads }: Yardstick,
  what: 'run' | 'steps',
  options: string[],
): Promise<Answer> {
  const folder = mkdtempSync(join(tmpdir(), 'riftlab-bench-'));
  try {
    const out = join(folder, 'answer.json');
    const child = spawn(python, [file, what, '--data', datasets, '--threads', String(threads), '--out', out, ...options], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    if (code !== 0) throw new Error(`${python} ${file} ended with ${code}.`);
    return JSON.parse(readFileSync(out, 'utf8')) as Answer;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
