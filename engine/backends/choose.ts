import { availableParallelism } from 'node:os';
import { EngineError } from '../errors.ts';
import type { Backend } from './backend.ts';

export interface BackendChoice {
  /** onnx when absent. */
  name?: string;
  /** Cores used; all that the process may use when absent. */
  threads?: number;
}

/** Starts a backend; the caller disposes it. Throws EngineError when there is none of that name. */
export async function chooseBackend({ name = 'onnx', threads = availableParallelism() }: BackendChoice = {}): Promise<Backend> {
  if (!Number.isInteger(threads) || threads < 1)
    throw new EngineError(`A backend cannot use ${threads} threads; give a whole number from 1.`);
  if (name === 'cpu') return new (await import('./cpu.ts')).CpuBackend();
  if (name === 'onnx') return new (await import('./onnx/onnx.ts')).OnnxBackend(threads);
  throw new EngineError(`There is no backend ${name}.`, 'Choose onnx (the default) or cpu.');
}
