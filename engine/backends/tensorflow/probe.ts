/** What TensorFlow can compute on here, and what is missing for the rest. */
import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { cpuDevice } from '../../devices/cpu-device.ts';
import type { EngineError } from '../../errors.ts';
import type { EngineDevice, MissingDevice, Probe } from '../devices.ts';
import { type Gpu, listGpus } from '../onnx/cuda.mjs';
import { findInstallation, type Installation, setupHint } from './installation.ts';

/** Milliseconds that the library may take to load and to find a GPU. */
const longestInspection = 30_000;

interface Inspection {
  version: string;
  gpu: boolean;
  wrong: string[];
}

const missing = (kind: 'cpu' | 'cuda', reason: string, hint = setupHint): MissingDevice => ({ backend: 'tensorflow', kind, reason, hint });

/** Loads the library in a process of its own: in this one it would stay, with the memory that it takes of a GPU. */
function inspect({ binding, version }: Installation): Promise<Inspection> {
  const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2', TF_FORCE_GPU_ALLOW_GROWTH: 'true' };
  const options = { env, timeout: longestInspection };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [join(import.meta.dirname, 'inspect.mjs'), binding], options, (error, out, said) => {
      if (!error) return resolve(JSON.parse(out) as Inspection);
      const reason = error.killed ? `it did not answer within ${longestInspection / 1000} s` : said.trim().split('\n').at(-1);
      reject(new Error(`TensorFlow ${version} does not run: ${reason || error.message}.`));
    });
  });
}

const describeGpu = ({ index, name, memoryBytes, driver }: Gpu, version: string): EngineDevice => ({
  backend: 'tensorflow',
  kind: 'cuda',
  index,
  name,
  memoryBytes,
  versions: `TensorFlow ${version}, driver ${driver}`,
});

function probeGpus(gpus: Gpu[], installation: Installation, { gpu, version }: Inspection): Probe {
  if (gpu) return { devices: gpus.map((found) => describeGpu(found, version)), missing: [] };
  if (gpus.length === 0) return { devices: [], missing: [] };
  const names = gpus.map(({ name }) => name).join(', ');
  if (!installation.cuda)
    return {
      devices: [],
      missing: [missing('cuda', `${names}: this TensorFlow is built for CPUs.`, 'Run "npm run setup:tensorflow -- --cuda".')],
    };
  return {
    devices: [],
    missing: [
      missing('cuda', `${names}: TensorFlow ${version} finds no GPU.`, 'Run "npm run setup:tensorflow": it says which library is missing.'),
    ],
  };
}

/** The CPU, and the NVIDIA GPUs, as far as TensorFlow is set up for them. */
export async function probeTensorflow(): Promise<Probe> {
  try {
    const installation = findInstallation();
    const [{ gpus }, inspection] = await Promise.all([listGpus(), inspect(installation)]);
    if (inspection.wrong.length > 0)
      return { devices: [], missing: [missing('cpu', `TensorFlow ${inspection.version} computes wrong: ${inspection.wrong.join('; ')}.`)] };
    const ofGpus = probeGpus(gpus, installation, inspection);
    const cpu: EngineDevice = { ...cpuDevice(availableParallelism()), backend: 'tensorflow', versions: `TensorFlow ${inspection.version}` };
    return { devices: [cpu, ...ofGpus.devices], missing: ofGpus.missing };
  } catch (error) {
    const { message, hint } = error as EngineError;
    return { devices: [], missing: [missing('cpu', message, hint)] };
  }
}
