/** The tfjs backend under which a step becomes a program: its kernels append operations instead of computing. */
import * as tf from '@tensorflow/tfjs-core';
import { EngineError } from '../../errors.ts';
import { withCurrentBackend } from '../current.ts';
import type { ElementType, Program, Value } from './program.ts';

export const tracerName = 'riftlab-tensorflow';

/** Literals above this are refused: such values belong among the constants. */
const literalLimit = 65_536;

const isElementType = (dtype: string): dtype is ElementType => ['float32', 'int32', 'bool'].includes(dtype);

class ProgramBackend extends tf.KernelBackend {
  private program: Program | undefined;
  private readonly values = new Map<object, Value>();

  get current(): Program {
    if (!this.program) throw new EngineError('A tfjs operation was called on the tensorflow backend outside of a step.');
    return this.program;
  }

  /** Appends what the work does to the program. */
  collect<T>(program: Program, work: () => T): T {
    if (this.program) throw new EngineError('A step was compiled within a step.');
    this.program = program;
    try {
      return withCurrentBackend(tracerName, () => {
        tf.engine().startScope();
        try {
          return work();
        } finally {
          tf.engine().endScope();
        }
      });
    } finally {
      this.program = undefined;
      this.values.clear();
    }
  }

  valueBehind(tensor: tf.TensorInfo): Value {
    const value = this.values.get(tensor.dataId);
    if (!value)
      throw new EngineError('The step uses a tensor made outside of it.', 'Make it inside the step, or give it as an input or a constant.');
    return value;
  }

  /** An entry of tfjs that stands for a value. */
  entryOf(value: Value): tf.TensorInfo {
    const dataId = {};
    this.values.set(dataId, value);
    return { dataId, shape: [...value.shape], dtype: value.type };
  }

  /** A tensor that stands for a value. */
  tensorOf(value: Value): tf.Tensor {
    return tf.engine().makeTensorFromTensorInfo(this.entryOf(value), this);
  }

  override write(values: tf.BackendValues, shape: number[], dtype: tf.DataType): tf.DataId {
    if (!isElementType(dtype)) throw new EngineError(`A step cannot use the type ${dtype}; only float32, int32 and bool are known.`);
    const numbers = values as ArrayLike<number>;
    const first = Number(numbers[0] ?? 0);
    const equal = Array.prototype.every.call(numbers, (number) => Object.is(Number(number), first));
    if (equal) return this.entryOf(this.current.filled(shape, first, dtype)).dataId;
    if (numbers.length > literalLimit)
      throw new EngineError(`The step makes a tensor of ${numbers.length} values from numbers.`, 'Give it as a constant.');
    return this.entryOf(this.current.literal(numbers, shape, dtype)).dataId;
  }

  override disposeData(dataId: object): boolean {
    return this.values.delete(dataId);
  }
  override readSync(): tf.BackendValues {
    throw new EngineError('A step cannot read values back: it is traced once, before there are any.');
  }
  override async read(): Promise<tf.BackendValues> {
    return this.readSync();
  }
  override numDataIds(): number {
    return this.values.size;
  }
  override memory(): { unreliable: boolean } {
    return { unreliable: true };
  }
  override floatPrecision(): 32 {
    return 32;
  }
  override epsilon(): number {
    return 1e-7;
  }
  override dispose(): void {
    this.values.clear();
  }
}

export const tracer = new ProgramBackend();
tf.registerBackend(tracerName, () => tracer, 0);

export type KernelAttributes = Record<string, unknown>;
export type Kernel<Result = Value> = (program: Program, inputs: Value[], attributes: KernelAttributes) => Result;

function register(kernelName: string, inputNames: readonly string[] | 'list', kernel: Kernel<Value | Value[]>): void {
  tf.registerKernel({
    kernelName,
    backendName: tracerName,
    kernelFunc: ({ inputs, attrs }) => {
      const names = inputNames === 'list' ? Object.keys(inputs) : inputNames;
      const values = names.map((name) => tracer.valueBehind(inputs[name] as tf.TensorInfo));
      const result = kernel(tracer.current, values, (attrs ?? {}) as unknown as KernelAttributes);
      return Array.isArray(result) ? result.map((value) => tracer.entryOf(value)) : tracer.entryOf(result);
    },
  });
}

/** Says what a tfjs kernel is in TensorFlow; inputs come in the order of the names, or as they are listed where there are none. */
export const traceKernel: (kernelName: string, inputNames: readonly string[] | 'list', kernel: Kernel) => void = register;

/** The same for a kernel of several results. */
export const traceKernelOfMany: (kernelName: string, inputNames: readonly string[], kernel: Kernel<Value[]>) => void = register;
