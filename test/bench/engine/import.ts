/** The import of a checkpoint file of the size of a WRN34-10, beside a Python program that loads it and saves it as safetensors. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findDataset } from '../../../engine/data/catalogue.ts';
import { importFile } from '../../../engine/imports/import-file.ts';
import { buildNetwork } from '../../../engine/models/architectures.ts';
import { parametersOf } from '../../../engine/models/network.ts';
import { RandomStream } from '../../../engine/random.ts';
import { officialShape } from '../../../engine/weights/state-dict.ts';
import { openArtifacts } from '../../../server/store/artifacts.ts';
import { keepWeights } from '../../../server/store/checkpoints.ts';
import { type Storages, Tensor, torchZip } from '../../helpers/torch-file.ts';
import type { Row } from './table.ts';
import type { Yardstick } from './yardstick.ts';

/** A state dict as torch.save writes it, of numbers without meaning. */
function checkpoint(): Buffer {
  const storages: Storages = {};
  const noise = new RandomStream(0, 'import').fillUniform(new Float32Array(1 << 20), -0.05, 0.05);
  const entries = parametersOf(buildNetwork('WRN34_10', {}, findDataset('cifar10'))).map(({ name, shape }, index) => {
    const values = new Float32Array(shape.reduce((product, length) => product * length, 1));
    for (let at = 0; at < values.length; at += noise.length) values.set(noise.subarray(0, values.length - at), at);
    storages[String(index)] = new Uint8Array(values.buffer);
    return [`module.${name}`, new Tensor({ storage: String(index), shape: officialShape(shape) })] as const;
  });
  return torchZip({ state_dict: Object.fromEntries(entries) }, storages, [['archive/version', '3\n']]);
}

/** Loads, drops the prefix and saves; prints its peak memory. Both sides start a process, as an import does. */
const program = `
import resource, sys, torch
from safetensors.torch import save_file
weights = torch.load(sys.argv[1], map_location='cpu', weights_only=True)['state_dict']
save_file({name.removeprefix('module.'): tensor.contiguous() for name, tensor in weights.items()}, sys.argv[2])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
`;

const mebibyte = 2 ** 20;

/** Peak resident memory of the processes that this one starts meanwhile, on Linux. */
async function watching<Result>(act: () => Promise<Result>): Promise<{ result: Result; peak: number }> {
  let peak = 0;
  const timer = setInterval(async () => {
    const children = await readFile(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').catch(() => '');
    for (const pid of children.split(' ').filter(Boolean)) {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
      peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024);
    }
  }, 10);
  try {
    return { result: await act(), peak };
  } finally {
    clearInterval(timer);
  }
}

export async function compareImports(yardstick: Yardstick | undefined): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'riftlab-bench-import-'));
  try {
    const file = join(folder, 'checkpoint.pt');
    await writeFile(file, checkpoint());
    const { size } = await stat(file);
    const output = join(folder, 'weights.safetensors');
    let began = performance.now();
    const { result, peak } = await watching(() => importFile({ file, output, ownDatasets: [] }));
    const read = (performance.now() - began) / 1000;
    if (result.type !== 'found') throw new Error(`The import came to ${JSON.stringify(result)}.`);
    began = performance.now();
    await keepWeights(await openArtifacts(join(folder, 'artifacts')), output, undefined, result.found.written ?? undefined);
    const kept = (performance.now() - began) / 1000;
    const python = yardstick && (await pythonImport(yardstick, file, join(folder, 'python.safetensors')));
    return [
      { name: 'read, check, write as safetensors (s)', engine: read, pytorch: python?.seconds, speedup: python && python.seconds / read },
      { name: 'measure and keep (s)', engine: kept, pytorch: undefined, speedup: undefined },
      {
        name: 'peak memory (MiB)',
        engine: peak / mebibyte,
        pytorch: python && python.peak / mebibyte,
        speedup: python && python.peak / peak,
      },
      {
        name: "peak memory, in the file's size",
        engine: peak / size,
        pytorch: python && python.peak / size,
        speedup: python && python.peak / peak,
      },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function pythonImport({ python }: Yardstick, file: string, output: string): Promise<{ seconds: number; peak: number }> {
  const began = performance.now();
  const { stdout } = await promisify(execFile)(python, ['-c', program, file, output]);
  return { seconds: (performance.now() - began) / 1000, peak: Number(stdout) };
}
