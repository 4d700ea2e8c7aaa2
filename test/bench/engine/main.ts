/** `npm run bench -- engine …`: the engine beside PyTorch. */
import type { ArchitectureName } from '../../../engine/config.ts';
import { compareAttackSteps } from './attack-steps.ts';
import { compareCorruptions, corruptedImages, corruptedSeverity } from './corruptions.ts';
import { compareFineTunes } from './fine-tune.ts';
import { compareImports } from './import.ts';
import { compareMemory } from './memory.ts';
import { comparePipelines } from './pipeline.ts';
import { compareSteps, type StepSettings } from './steps.ts';
import { formatTable, type Row } from './table.ts';
import { simulateThreads } from './threads.ts';
import { compareVariants } from './variants.ts';
import type { Yardstick } from './yardstick.ts';

const threadCounts = [1, 2, 4, 16];

interface Part {
  rows: Row[];
  table: string;
  [figure: string]: unknown;
}

const parts: Record<string, (settings: StepSettings, yardstick: Yardstick | undefined) => Promise<Part>> = {
  async steps(settings, yardstick) {
    const rows = await compareSteps(settings, yardstick);
    return { rows, table: formatTable(`${settings.architecture}, batch ${settings.batch}`, 'images/s', rows) };
  },
  async variants(settings, yardstick) {
    const rows = await compareVariants(settings, yardstick);
    const title = `Whole steps of training variants, attack of ten steps included; ${settings.architecture}, batch ${settings.batch}`;
    return { rows, table: formatTable(title, 'images/s', rows) };
  },
  async 'attack-steps'(settings, yardstick) {
    const rows = await compareAttackSteps(settings, yardstick);
    return { rows, table: formatTable(`${settings.architecture}, batch ${settings.batch}`, 'images/s', rows) };
  },
  async pipeline(settings, yardstick) {
    const rows = await comparePipelines(settings, yardstick);
    return { rows, table: formatTable('RiFT on CIFAR-10: RESNET8, 5,000 training images', 'seconds', rows) };
  },
  async 'fine-tune'(settings, yardstick) {
    const rows = await compareFineTunes(settings, yardstick);
    return { rows, table: formatTable('Fine-tuning layer2.0.conv1 of RESNET8: 5 epochs of 5,000 images', 'seconds', rows) };
  },
  async corruptions(settings, yardstick) {
    const rows = await compareCorruptions(settings, yardstick);
    const title = `Corruption of ${corruptedImages} CIFAR-10 images, severity ${corruptedSeverity}`;
    return { rows, table: formatTable(title, 'seconds', rows, 'Python') };
  },
  async import(_settings, yardstick) {
    const rows = await compareImports(yardstick);
    return { rows, table: formatTable('Import of a checkpoint of the size of WRN34_10, 185 MB', 'each with its unit', rows) };
  },
  async memory(settings, yardstick) {
    const rows = await compareMemory(settings, yardstick);
    return { rows, table: formatTable(`Peak resident memory, ${settings.architecture}, batch ${settings.batch}`, 'MiB', rows) };
  },
  async threads(settings) {
    const { rows, serial } = await simulateThreads(settings, threadCounts);
    const title = `PGD-10 on more threads, from the time of one thread's share; serial part ${(100 * serial).toFixed(1)} %`;
    return { rows, serial, table: formatTable(`${title}; ${settings.architecture}, batch ${settings.batch}`, 'images/s', rows) };
  },
};

export const partNames = Object.keys(parts);

/** Measures the part, or steps and pipeline when absent, and returns the figures by part. */
export async function benchEngine(
  part: string | undefined,
  settings: StepSettings & { architecture: ArchitectureName },
  yardstick: Yardstick | undefined,
): Promise<Record<string, unknown>> {
  const figures: Record<string, unknown> = {};
  for (const name of part === undefined ? ['steps', 'pipeline'] : [part]) {
    const { table, ...measured } = await (parts[name] as (typeof parts)[string])(settings, yardstick);
    console.log(table);
    figures[name] = { architecture: settings.architecture, batch: settings.batch, ...measured };
  }
  return figures;
}
