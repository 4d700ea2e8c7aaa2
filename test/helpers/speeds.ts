/** What the workers of tests find in their data folders, as one does that is started again: the speed of this machine's CPU. */
import { cpSync, existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { checkDevice, cpuDevice } from '../../engine/index.ts';
import { openSpeeds } from '../../server/tasks/speeds.ts';

const kept = resolve(import.meta.dirname, '../../node_modules/.cache/riftlab/speeds');

export default async function setup(): Promise<void> {
  const speeds = openSpeeds(kept, () => true);
  for (const threads of new Set([1, availableParallelism()])) {
    const device = cpuDevice(threads);
    if ((await speeds.read(device, threads)) !== undefined) continue;
    const checked = await checkDevice(device, { threads, measure: true });
    if (checked.state === 'failed') throw new Error(checked.problem);
    await speeds.write(device, threads, checked.imagesPerSecond as number);
  }
}

/** A bench may be the first that runs: then the worker measures, as everybody's does. */
export function bringSpeeds(data: string): void {
  if (existsSync(kept)) cpSync(kept, join(data, 'devices'), { recursive: true });
}
