/** A part of the check: it runs in a process of its own, so that a driver that dies takes nothing else along. */
import type { Backend } from '../../engine/backends/backend.ts';
import { chooseBackend } from '../../engine/backends/choose.ts';
import type { Line } from './report.ts';
import type { Settings } from './settings.ts';

export type Report = (line: Omit<Line, 'section'>) => void;

export interface Section {
  name: string;
  /** Products rounded to TensorFloat-32; only NVIDIA GPUs do that, on others the part is skipped where `only` says so. */
  tf32?: 'as well' | 'only';
  limitMinutes: number;
  run(settings: Settings, report: Report): Promise<void>;
}

export const startBackend = ({ device, threads }: Settings, tf32 = false): Promise<Backend> =>
  chooseBackend({ name: device.backend, kind: device.kind, index: device.index, threads, tf32 });

/** Runs the work on the device's backend and closes it. */
export async function onDevice<T>(settings: Settings, tf32: boolean, work: (backend: Backend) => Promise<T>): Promise<T> {
  const backend = await startBackend(settings, tf32);
  try {
    return await work(backend);
  } finally {
    await backend.dispose();
  }
}
