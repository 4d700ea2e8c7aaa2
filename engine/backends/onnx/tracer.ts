/** The tfjs backend under which a step is traced: its kernels append nodes to a graph instead of computing. */
import * as tf from '@tensorflow/tfjs-core';
import { EngineError } from '../../errors.ts';
import { withCurrentBackend } from '../current.ts';
import type { Graph } from './graph.ts';
import { filled, plain, type Traced } from './traced.ts';
import type { ElementType } from './values.ts';

export const tracerName = 'riftlab-tracer';

/** Literals above this are refused: such values belong among the constants. */
const literalLimit = 65_536;

const elementTypes: Record<string, ElementType> = { float32: 'float32', int32: 'int32', bool: 'bool' };

function elementType(dtype: string): ElementType {
  const type = elementTypes[dtype];
  if (type === undefined) throw new EngineError(`A step cannot use the type ${dtype}; only float32, int32 and bool are known.`);
  return type;
}

class TracingBackend extends tf.KernelBackend {
  private graph: Graph | undefined;
  private readonly entries = new Map<object, Traced>();

  get current(): Graph {
    if (this.graph === undefined) throw new EngineError('A tfjs operation was called on the tracing backend outside of a step.');
    return this.graph;
  }

  /** Traces what the work does into the graph. */
  collect<T>(graph: Graph, work: () => T): T {
    if (this.graph !== undefined) throw new EngineError('A step was compiled within a step.');
    this.graph = graph;
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
      this.graph = undefined;
      this.entries.clear();
    }
  }

  describe(tensor: tf.TensorInfo): Traced {
    const entry = this.entries.get(tensor.dataId);
    if (entry === undefined)
      throw new EngineError('The step uses a tensor made outside of it.', 'Make it inside the step, or give it as an input or a constant.');
    return entry;
  }

  keep(traced: Traced): tf.TensorInfo {
    const dataId = {};
    this.entries.set(dataId, traced);
    return { dataId, shape: traced.shape, dtype: traced.value.type as tf.DataType };
  }

  override write(values: tf.BackendValues, shape: number[], dtype: tf.DataType): tf.DataId {
    const type = elementType(dtype);
    const data = values as ArrayLike<number>;
    const first = Number(data[0] ?? 0);
    let same = 1;
    while (same < data.length && Object.is(Number(data[same]), first)) same += 1;
    if (same >= data.length) return this.keep(filled(this.current, shape, first, type)).dataId;
    if (data.length > literalLimit)
      throw new EngineError(`The step makes a tensor of ${data.length} values from numbers.`, 'Give it as a constant.');
    return this.keep(plain(this.current.literal(Array.from(data, Number), shape, type))).dataId;
  }

  override disposeData(dataId: object): boolean {
    this.entries.delete(dataId);
    return true;
  }

  override read(): Promise<tf.BackendValues> {
    return Promise.reject(new EngineError('A step cannot read values back: it is traced once, before there are any.'));
  }
  override readSync(): tf.BackendValues {
    throw new EngineError('A step cannot read values back: it is traced once, before there are any.');
  }
  override numDataIds(): number {
    return this.entries.size;
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
    this.entries.clear();
  }
}

export const tracer = new TracingBackend();
tf.registerBackend(tracerName, () => tracer, 0);

export type Kernel = (graph: Graph, inputs: Traced[], attributes: Record<string, unknown>) => Traced;

const implemented = new Set<string>();

/** Says how a tfjs kernel is traced; inputs come in the order of the names, or as they are listed where there are none. */
export function traceKernel(kernelName: string, inputNames: string[] | 'list', kernel: Kernel): void {
  implemented.add(kernelName);
  tf.registerKernel({
    kernelName,
    backendName: tracerName,
    kernelFunc: ({ inputs, attrs }) => {
      const names = inputNames === 'list' ? Object.keys(inputs) : inputNames;
      const given = names.map((name) => tracer.describe(inputs[name] as tf.TensorInfo));
      return tracer.keep(kernel(tracer.current, given, (attrs ?? {}) as unknown as Record<string, unknown>));
    },
  });
}

/** Makes every tfjs kernel and gradient that is not known name itself when a step needs it. */
export function refuseOtherKernels(): void {
  const names = Object.entries(tf).flatMap(([name, value]) => (typeof value === 'string' && /^[A-Z]/.test(name) ? [value] : []));
  for (const kernelName of names) {
    if (!implemented.has(kernelName))
      tf.registerKernel({
        kernelName,
        backendName: tracerName,
        kernelFunc: () => {
          throw new EngineError(`The tfjs operation ${kernelName} is not known to the onnx backend.`);
        },
      });
    if (tf.getGradient(kernelName) === undefined)
      tf.registerGradient({
        kernelName,
        gradFunc: () => {
          throw new EngineError(`The engine has no gradient for the tfjs operation ${kernelName}.`);
        },
      });
  }
}
