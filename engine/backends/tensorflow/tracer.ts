/** The tfjs backend under which a step becomes a program: its kernels append operations instead of computing. */
import * as tf from '@tensorflow/tfjs-core';
import { TracingBackend } from '../tracing-backend.ts';
import type { ElementType, Program, Value } from './program.ts';

export const tracerName = 'riftlab-tensorflow';

class ProgramTracer extends TracingBackend<Program, Value> {
  protected infoOf({ shape, type }: Value) {
    return { shape: [...shape], dtype: type };
  }
  protected filled(program: Program, shape: number[], value: number, type: ElementType): Value {
    return program.filled(shape, value, type);
  }
  protected literal(program: Program, values: ArrayLike<number>, shape: number[], type: ElementType): Value {
    return program.literal(values, shape, type);
  }
}

export const tracer = new ProgramTracer(tracerName, 'tensorflow');
tf.registerBackend(tracerName, () => tracer, 0);

export type KernelAttributes = Record<string, unknown>;
export type Kernel<Result = Value> = (program: Program, inputs: Value[], attributes: KernelAttributes) => Result;

function register(kernelName: string, inputNames: readonly string[] | 'list', kernel: Kernel<Value | Value[]>): void {
  tf.registerKernel({
    kernelName,
    backendName: tracerName,
    kernelFunc: ({ inputs, attrs }) => {
      const names = inputNames === 'list' ? Object.keys(inputs) : inputNames;
      const values = names.map((name) => tracer.describe(inputs[name] as tf.TensorInfo));
      const result = kernel(tracer.current, values, (attrs ?? {}) as unknown as KernelAttributes);
      return Array.isArray(result) ? result.map((value) => tracer.keep(value)) : tracer.keep(result);
    },
  });
}

/** Says what a tfjs kernel is in TensorFlow; inputs come in the order of the names, or as they are listed where there are none. */
export const traceKernel: (kernelName: string, inputNames: readonly string[] | 'list', kernel: Kernel) => void = register;

/** The same for a kernel of several results. */
export const traceKernelOfMany: (kernelName: string, inputNames: readonly string[], kernel: Kernel<Value[]>) => void = register;
