/** Peak resident memory of a process that does nothing but one PGD step, on Linux. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ArchitectureName } from '../../../engine/config.ts';
import type { Row } from './table.ts';
import { modelOf, type Yardstick } from './yardstick.ts';

export interface MemorySettings {
  architecture: ArchitectureName;
  batch: number;
  threads: number;
  datasets: string;
}

const pollMilliseconds = 20;

/** The same step as the engine's, of the yardstick's own network and attack. */
const program = `
import sys, torch
folder, data, name, batch, threads = sys.argv[1:]
sys.path.insert(0, folder)
import rift_torch as yardstick
torch.set_num_threads(int(threads))
images, labels = yardstick.load_cifar10(data, 'test', int(batch))
network = yardstick.make_model(name).eval()
yardstick.pgd(network, yardstick.to_float(images), labels, 8 / 255, 2 / 255, 1)
`;

/** The most memory that the process has had resident so far, in MiB; undefined once it has ended. */
function peak({ pid }: ChildProcess): number | undefined {
  try {
    const kilobytes = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
  } catch {
    return undefined;
  }
}

async function peakOf(command: string, parameters: string[]): Promise<number> {
  const child = spawn(command, parameters, { stdio: ['ignore', 'ignore', 'inherit'] });
  let most = 0;
  const timer = setInterval(() => {
    most = peak(child) ?? most;
  }, pollMilliseconds);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  }).finally(() => clearInterval(timer));
  if (code !== 0) throw new Error(`${command} ended with ${code}.`);
  if (most === 0) throw new Error('Resident memory is read from /proc, which this system does not have.');
  return most;
}

/** MiB of both sides; the speedup is how many times less the engine takes. */
export async function compareMemory(settings: MemorySettings, yardstick: Yardstick | undefined): Promise<Row[]> {
  const { architecture, batch, threads, datasets } = settings;
  const step = fileURLToPath(new URL('pgd-step.ts', import.meta.url));
  const engine = await peakOf(process.execPath, ['--import', 'tsx', step, architecture, String(batch), String(threads), datasets]);
  const pytorch =
    yardstick &&
    (await peakOf(yardstick.python, [
      '-c',
      program,
      dirname(yardstick.file),
      datasets,
      modelOf(architecture),
      String(batch),
      String(threads),
    ]));
  return [{ name: 'PGD step', engine, pytorch, speedup: pytorch && pytorch / engine }];
}
