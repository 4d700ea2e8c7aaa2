/** Which GPUs onnxruntime can compute on here, and what is missing for those that it can't. */
import { readdirSync, readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { EngineDevice, Probe } from '../devices.ts';
import { cudaLibraries, type Gpu, hasProvider, libraryFolders, listGpus, loadCudaLibraries, runtimeVersion } from './cuda.mjs';
import { OnnxBackend } from './onnx.ts';

const none = (kind: 'cuda' | 'webgpu', reason: string, hint: string): Probe => ({
  devices: [],
  missing: [{ backend: 'onnx', kind, reason, hint }],
});

const setUp = 'Run npm run setup:cuda; it says what is missing and fetches what it may.';

/** NVIDIA GPUs: listed when their driver answers and provider and libraries load. */
export async function probeCuda(command?: string): Promise<Probe> {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return none('cuda', 'onnxruntime computes on CUDA under Linux on x64 only.', 'Use WebGPU here.');
  const { gpus, reason } = await listGpus(command);
  if (reason !== undefined) return none('cuda', `No NVIDIA GPU: ${reason}.`, 'A GPU needs its driver, 580 or newer.');
  const name = gpus.map((gpu) => gpu.name).join(', ');
  if (!hasProvider()) return none('cuda', `onnxruntime's CUDA provider is not installed; there is ${name}.`, setUp);
  const missing = loadCudaLibraries(libraryFolders());
  if (missing.length > 0) {
    const files = missing.map(({ file, part }) => `${file} (${part})`).join(', ');
    return none('cuda', `${name} cannot be used: ${missing.length} of ${cudaLibraries.length} libraries are missing: ${files}.`, setUp);
  }
  return { devices: gpus.map((gpu): EngineDevice => describeCuda(gpu)), missing: [] };
}

function describeCuda({ index, name, memoryBytes, driver }: Gpu): EngineDevice {
  return {
    backend: 'onnx',
    kind: 'cuda',
    index,
    name,
    memoryBytes,
    versions: `onnxruntime ${runtimeVersion()}, CUDA 13, driver ${driver}`,
  };
}

const vendors: Record<string, string> = { '0x10de': 'NVIDIA', '0x1002': 'AMD', '0x8086': 'Intel' };

const readText = (file: string) => {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
};

/** The first graphics card that the kernel knows: who made it, and its own memory where it says so. */
function graphicsCard(folder = '/sys/class/drm'): { name: string; memoryBytes: number } | undefined {
  let cards: string[];
  try {
    cards = readdirSync(folder).filter((card) => /^card\d+$/.test(card));
  } catch {
    return undefined;
  }
  for (const card of cards) {
    const device = join(folder, card, 'device');
    const vendor = vendors[readText(join(device, 'vendor'))];
    if (vendor) return { name: `${vendor} GPU`, memoryBytes: Number(readText(join(device, 'mem_info_vram_total'))) || totalmem() };
  }
  return undefined;
}

/** What WebGPU gives: one adapter, which the runtime does not name. It is listed when it doubles a number. */
export async function probeWebgpu(): Promise<Probe> {
  const backend = new OnnxBackend({ kind: 'webgpu' });
  try {
    const step = backend.compile('probe', ({ x }) => ({ y: tf.mul(x as tf.Tensor, 2) }), { parallelism: 'calls' });
    await step.run({ x: { shape: [4], dtype: 'float32', data: Float32Array.of(1, 2, 3, 4) } });
  } catch (error) {
    const { message } = error as Error;
    const reason = /No supported adapters/.test(message) ? 'no graphics driver offers an adapter' : message.slice(0, 300);
    return none('webgpu', `No GPU by WebGPU: ${reason}.`, 'On Linux it needs Vulkan: libvulkan1 and the driver of the GPU.');
  } finally {
    await backend.dispose();
  }
  const { gpus } = await listGpus();
  const { name, memoryBytes } = gpus[0] ?? graphicsCard() ?? { name: 'graphics adapter', memoryBytes: totalmem() };
  const versions = `onnxruntime ${runtimeVersion()}, WebGPU`;
  return { devices: [{ backend: 'onnx', kind: 'webgpu', index: 0, name: `${name}, WebGPU`, memoryBytes, versions }], missing: [] };
}

/** CUDA and WebGPU. The CPU is not looked for: it is there. */
export async function probeOnnx(): Promise<Probe> {
  const found = [await probeCuda(), await probeWebgpu()];
  return { devices: found.flatMap(({ devices }) => devices), missing: found.flatMap(({ missing }) => missing) };
}
