/** The same work in eager PyTorch, as a process of its own. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Settings } from './settings.ts';

export interface TorchFigures {
  /** Image steps a second of PGD. */
  attack: number;
  /** Images a second of training. */
  training: number;
  megabytes: number | null;
  torch: string;
  device: string;
}

const script = join(import.meta.dirname, 'torch_steps.py');

/** Why PyTorch cannot be measured; undefined when it can. */
export function whyNoTorch({ python, device }: Settings): string | undefined {
  if (python === undefined) return 'no --python with torch was named';
  if (device.kind === 'webgpu') return 'PyTorch does not compute on WebGPU';
  return existsSync(script) ? undefined : `${script} is missing`;
}

export async function measureTorch(settings: Settings, batch: number): Promise<TorchFigures> {
  const { device, architecture, steps, seconds, threads, python } = settings;
  const place = device.kind === 'cuda' ? `cuda:${device.index}` : 'cpu';
  const options = { device: place, model: architecture, batch, steps, seconds, threads };
  const given = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const { stdout } = await promisify(execFile)(python as string, [script, ...given, ...(device.kind === 'cuda' ? ['--tf32'] : [])]);
  return JSON.parse(stdout.trim().split('\n').at(-1) as string) as TorchFigures;
}
