import { availableParallelism } from 'node:os';
import { EngineError } from '../errors.ts';
import type { Backend } from './backend.ts';
import type { EngineDevice } from './devices.ts';

export interface BackendChoice {
  /** onnx when absent. */
  name?: string;
  /** The CPU when absent. */
  kind?: EngineDevice['kind'];
  /** Which of the GPUs of this kind; the first when absent. */
  index?: number;
  /** Lets an NVIDIA GPU round products (TensorFloat-32): faster, and an approximation; off when absent. */
  tf32?: boolean;
  /** Cores used; all that the process may use when absent. */
  threads?: number;
}

/** Starts a backend; the caller disposes it. Throws EngineError when there is none of that name or it has no such device. */
export async function chooseBackend(choice: BackendChoice = {}): Promise<Backend> {
  const { name = 'onnx', kind = 'cpu', index = 0, tf32 = false, threads = availableParallelism() } = choice;
  if (!Number.isInteger(threads) || threads < 1)
    throw new EngineError(`A backend cannot use ${threads} threads; give a whole number from 1.`);
  if (name === 'onnx') return new (await import('./onnx/onnx.ts')).OnnxBackend({ threads, kind, index, tf32 });
  if (name === 'tensorflow' && kind !== 'webgpu')
    return new (await import('./tensorflow/tensorflow.ts')).TensorflowBackend({ threads, kind, index, tf32 });
  if (name === 'cpu' && kind === 'cpu') return new (await import('./cpu.ts')).CpuBackend();
  throw new EngineError(`There is no backend ${name} for ${kind}.`, 'Choose onnx (the default), tensorflow or cpu.');
}
