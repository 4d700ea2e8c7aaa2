/** One PGD step of a vision transformer, beside PyTorch's. */
import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { chooseBackend } from '../../../engine/index.ts';
import { middle, openSteps, rate, type StepSettings } from './steps.ts';
import type { Row } from './table.ts';
import type { Yardstick } from './yardstick.ts';

/** That of vit.py. */
export const vitArchitecture = 'VIT_TINY';

async function pytorchRate({ python, file, datasets, threads }: Yardstick, { batch, seconds }: StepSettings): Promise<number> {
  const options = [join(import.meta.dirname, 'vit.py'), dirname(file), datasets, ...[batch, threads, seconds].map(String)];
  return JSON.parse((await promisify(execFile)(python, options)).stdout) as number;
}

/** Images a second; both sides in turn, so that what else the machine does meets both. */
export async function compareVit(settings: StepSettings, yardstick: Yardstick | undefined): Promise<Row[]> {
  const { batch, rounds, seconds, threads } = settings;
  const backend = await chooseBackend({ name: settings.backend, threads });
  const { pgd, dispose } = await openSteps(backend, { ...settings, architecture: vitArchitecture });
  const name = 'PGD step';
  const rows: Row[] = [];
  try {
    for (let round = 0; round < rounds; round++) {
      const pytorch = yardstick && (await pytorchRate(yardstick, settings));
      const engine = await rate(batch, seconds, pgd);
      rows.push({ name, engine, pytorch, speedup: pytorch && engine / pytorch });
    }
  } finally {
    await dispose();
    await backend.dispose();
  }
  return [middle(name, rows)];
}
