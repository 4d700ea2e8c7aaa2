/** The tfjs backend under which a step is traced: its kernels append nodes to a graph instead of computing. */
import * as tf from '@tensorflow/tfjs-core';
import { EngineError } from '../../errors.ts';
import { TracingBackend } from '../tracing-backend.ts';
import type { Graph } from './graph.ts';
import { filled, plain, type Traced } from './traced.ts';
import type { ElementType } from './values.ts';

export const tracerName = 'riftlab-tracer';

class GraphTracer extends TracingBackend<Graph, Traced> {
  protected infoOf({ shape, value }: Traced) {
    return { shape, dtype: value.type as tf.DataType };
  }
  protected filled(graph: Graph, shape: number[], value: number, type: ElementType): Traced {
    return filled(graph, shape, value, type);
  }
  protected literal(graph: Graph, values: ArrayLike<number>, shape: number[], type: ElementType): Traced {
    return plain(graph.literal(Array.from(values, Number), shape, type));
  }
}

export const tracer = new GraphTracer(tracerName, 'tracing');
tf.registerBackend(tracerName, () => tracer, 0);

export type Kernel<Result = Traced> = (graph: Graph, inputs: Traced[], attributes: Record<string, unknown>) => Result;

const implemented = new Set<string>();

function register(kernelName: string, inputNames: string[] | 'list', kernel: Kernel<Traced | Traced[]>): void {
  implemented.add(kernelName);
  tf.registerKernel({
    kernelName,
    backendName: tracerName,
    kernelFunc: ({ inputs, attrs }) => {
      const names = inputNames === 'list' ? Object.keys(inputs) : inputNames;
      const given = names.map((name) => tracer.describe(inputs[name] as tf.TensorInfo));
      const result = kernel(tracer.current, given, (attrs ?? {}) as unknown as Record<string, unknown>);
      return Array.isArray(result) ? result.map((traced) => tracer.keep(traced)) : tracer.keep(result);
    },
  });
}

/** Says how a tfjs kernel is traced; inputs come in the order of the names, or as they are listed where there are none. */
export const traceKernel: (kernelName: string, inputNames: string[] | 'list', kernel: Kernel) => void = register;

/** The same for a kernel of several results. */
export const traceKernelOfMany: (kernelName: string, inputNames: string[], kernel: Kernel<Traced[]>) => void = register;

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
