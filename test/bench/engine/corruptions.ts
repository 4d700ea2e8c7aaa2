/** The fifteen common corruptions of CIFAR-10 test images, beside a Python program with the libraries of the benchmark's own. */
import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { corruptImage } from '../../../engine/corruptions/corruptions.ts';
import { fifteen } from '../../../engine/corruptions/suites.ts';
import { findDataset } from '../../../engine/data/catalogue.ts';
import { loadSplit } from '../../../engine/data/splits.ts';
import type { Row } from './table.ts';
import type { Yardstick } from './yardstick.ts';

export const corruptedImages = 1000;
export const corruptedSeverity = 3;

/** Seconds of each corruption. The photographs of frost lie beside the yardstick's data. */
async function pythonSeconds({ python, file, datasets }: Yardstick): Promise<Record<string, number>> {
  const program = join(import.meta.dirname, 'corruptions.py');
  const data = [join(datasets, 'cifar-10-batches-bin/test_batch.bin'), join(dirname(file), '../data/frost')];
  const { stdout } = await promisify(execFile)(python, [program, ...data, String(corruptedImages), String(corruptedSeverity)]);
  return JSON.parse(stdout) as Record<string, number>;
}

/** Seconds; one thread on both sides. */
export async function compareCorruptions(settings: { datasets: string }, yardstick: Yardstick | undefined): Promise<Row[]> {
  const wanted = { split: 'test' as const, protocol: 'PAPER' as const, trainedHere: true, images: corruptedImages };
  const { pixels, shape, count } = await loadSplit(findDataset('cifar10'), settings.datasets, wanted);
  const clean = new Uint8Array(pixels.imageBytes);
  const python = yardstick && (await pythonSeconds(yardstick));
  const rows = fifteen.map((corruption): Row => {
    const began = performance.now();
    for (let image = 0; image < count; image++) {
      pixels.copy(image, clean, 0);
      corruptImage(clean, shape, { corruption, severity: corruptedSeverity }, { seed: 0, image });
    }
    const engine = (performance.now() - began) / 1000;
    const pytorch = python?.[corruption];
    return { name: corruption, engine, pytorch, speedup: pytorch && pytorch / engine };
  });
  const sum = (values: (number | undefined)[]) => values.reduce<number>((total, value) => total + (value ?? 0), 0);
  const engine = sum(rows.map((row) => row.engine));
  const pytorch = python && sum(rows.map((row) => row.pytorch));
  return [...rows, { name: 'all fifteen', engine, pytorch, speedup: pytorch && pytorch / engine }];
}
