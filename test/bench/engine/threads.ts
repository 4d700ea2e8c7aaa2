/**
 * What more threads would do, on a machine that has few. An attack is split by images over single-threaded sessions,
 * so with n threads each has an n-th of the batch: that share is timed on one thread. What the main thread does beside it
 * does not shrink: that time is added, and is the serial part of Amdahl's law.
 * What threads take from each other (memory bandwidth, shared caches, a lower clock) is not in it.
 */
import { performance } from 'node:perf_hooks';
import { chooseBackend } from '../../../engine/index.ts';
import { openSteps, type StepSettings } from './steps.ts';
import { median, type Row } from './table.ts';

/** Milliseconds of an attack, and of the main thread within it. */
async function timesOf(settings: StepSettings, batch: number): Promise<{ whole: number; main: number }> {
  const backend = await chooseBackend({ threads: 1 });
  const steps = await openSteps(backend, { ...settings, batch });
  try {
    await steps.attack();
    await steps.attack();
    const laps: { whole: number; main: number }[] = [];
    for (const end = performance.now() + 1000 * settings.seconds; performance.now() < end || laps.length < 5; ) {
      const before = performance.eventLoopUtilization();
      const began = performance.now();
      await steps.attack();
      laps.push({ whole: performance.now() - began, main: performance.eventLoopUtilization(before).active });
    }
    return { whole: median(laps.map(({ whole }) => whole)), main: median(laps.map(({ main }) => main)) };
  } finally {
    await steps.dispose();
    await backend.dispose();
  }
}

export interface ThreadRow extends Row {
  threads: number;
}

/** Attacked images a second by number of threads, each figure against one thread's; and the serial part of the whole. */
export async function simulateThreads(settings: StepSettings, counts: readonly number[]): Promise<{ rows: ThreadRow[]; serial: number }> {
  const { batch } = settings;
  const one = await timesOf(settings, batch);
  const rows: ThreadRow[] = [];
  for (const threads of counts) {
    const share = threads === 1 ? one : await timesOf(settings, Math.ceil(batch / threads));
    const milliseconds = share.whole - share.main + one.main;
    rows.push({ threads, name: `${threads} threads`, engine: (1000 * batch) / milliseconds, speedup: one.whole / milliseconds });
  }
  return { rows, serial: one.main / one.whole };
}
