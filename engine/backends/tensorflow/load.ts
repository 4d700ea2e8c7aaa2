/** Loads the native library. It reads its settings once, so the first backend of a process chooses for all. */
import { createRequire } from 'node:module';
import { EngineError } from '../../errors.ts';
import { findInstallation, setupHint } from './installation.ts';
import type { Binding } from './native.ts';

export interface Settings {
  kind: 'cpu' | 'cuda';
  /** Which of the GPUs, from 0; of those that CUDA_VISIBLE_DEVICES chooses, where it is set. */
  index: number;
  /** Cores of an operation. */
  threads: number;
  /** Lets an NVIDIA GPU round products (TensorFloat-32). */
  tf32: boolean;
}

let loaded: { binding: Binding; settings: Settings } | undefined;

/** The GPU by the name that CUDA_VISIBLE_DEVICES has for it, where that chooses some. */
function visibleDevice(index: number): string {
  const chosen = process.env.CUDA_VISIBLE_DEVICES?.split(',').map((name) => name.trim());
  return chosen?.[index] ?? String(index);
}

/**
 * Variables that the library reads while it is loaded. GPUs are counted as nvidia-smi counts them; their memory is taken as it
 * is needed; the same numbers come out of every run.
 */
function variables({ kind, index, threads, tf32 }: Settings): Record<string, string> {
  return {
    TF_NUM_INTRAOP_THREADS: String(threads),
    TF_NUM_INTEROP_THREADS: '1',
    TF_CPP_MIN_LOG_LEVEL: process.env.TF_CPP_MIN_LOG_LEVEL ?? '2',
    TF_FORCE_GPU_ALLOW_GROWTH: 'true',
    TF_DETERMINISTIC_OPS: '1',
    NVIDIA_TF32_OVERRIDE: tf32 ? '1' : '0',
    CUDA_DEVICE_ORDER: 'PCI_BUS_ID',
    CUDA_VISIBLE_DEVICES: kind === 'cpu' ? '-1' : visibleDevice(index),
  };
}

function open(settings: Settings): Binding {
  const { binding: file, version } = findInstallation();
  const before = process.env.CUDA_VISIBLE_DEVICES;
  Object.assign(process.env, variables(settings));
  try {
    return createRequire(import.meta.url)(file) as Binding;
  } catch (error) {
    throw new EngineError(`TensorFlow ${version} cannot be loaded: ${(error as Error).message}`, setupHint);
  } finally {
    if (before === undefined) delete process.env.CUDA_VISIBLE_DEVICES;
    else process.env.CUDA_VISIBLE_DEVICES = before;
  }
}

/**
 * The library with the device chosen, and the threads that it has: the first caller's.
 * Throws EngineError when it is not set up, cannot be loaded, finds no GPU, or runs on another device in this process.
 */
export function loadBinding(settings: Settings): { binding: Binding; threads: number } {
  if (!loaded) loaded = { binding: open(settings), settings };
  const { binding } = loaded;
  if (loaded.settings.kind !== settings.kind || loaded.settings.index !== settings.index)
    throw new EngineError(
      `TensorFlow computes on ${loaded.settings.kind} ${loaded.settings.index} in this process; it cannot change to ${settings.kind} ${settings.index}.`,
      'Use a process of its own for every device.',
    );
  if (settings.kind === 'cuda' && !binding.isUsingGpuDevice())
    throw new EngineError(
      `TensorFlow ${binding.TF_Version} finds no GPU ${settings.index}.`,
      'Run "npm run setup:tensorflow": it says which driver or library is missing.',
    );
  return { binding, threads: loaded.settings.threads };
}
