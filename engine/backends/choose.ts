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
  /** Cores used; all that the process may use when absent. */
  threads?: number;
}

/** Starts a backend; the caller disposes it. Throws EngineError when there is none of that name or it has no such device. */
export async function chooseBackend(choice: BackendChoice = {}): Promise<Backend> {
  const { name = 'onnx', kind = 'cpu', threads = availableParallelism() } = choice;
  if (!Number.isInteger(threads) || threads < 1)
    throw new EngineError(`A backend cannot use ${threads} threads; give a whole number from 1.`);
  if (name === 'onnx' && kind === 'cpu') return new (await import('./onnx/onnx.ts')).OnnxBackend(threads);
  if (name === 'cpu' && kind === 'cpu') return new (await import('./cpu.ts')).CpuBackend();
  throw new EngineError(`There is no backend ${name} for ${kind}.`, 'Choose onnx (the default) or cpu.');
}
