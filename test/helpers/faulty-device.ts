/** Variables that give a process, and those that it starts, a device that breaks. */
import { join } from 'node:path';

export interface DeviceFault {
  /** Part of the path of the program that it happens in: tasks/engine-main computes stages, devices/main tests devices. */
  within: 'tasks/engine-main' | 'devices/main';
  what: 'crash' | 'hang' | 'error' | 'exhaust';
  /** What the runtime says, for an error. */
  text?: string;
  /** Only calls of more images than these. */
  images?: number;
  /** A file that is written when it happens; it does not happen again while the file is there. */
  once?: string;
  /** A file without which it does not happen. */
  when?: string;
}

export function faultyDevice(...faults: DeviceFault[]): Record<string, string> {
  const preload = `--import=${join(import.meta.dirname, 'faulty-device.mjs')}`;
  return { FAULTY_DEVICE: JSON.stringify(faults), NODE_OPTIONS: [process.env.NODE_OPTIONS, preload].filter(Boolean).join(' ') };
}
