/** A backend that computes nothing: it traces steps and counts the work that they would be. */
import type { Backend, CompiledStep, CompileOptions, HostArrays, Step } from '../backends/backend.ts';
import type { Operation, Value } from '../backends/tensorflow/program.ts';
import { type Specifications, specificationOf, trace } from '../backends/tensorflow/trace.ts';
import { sizeOf } from '../ops/arrays.ts';

/** Multiply-adds that take as long as reading and writing one value of an operation without any. */
const workOfValue = 60;

/** Multiply-adds of an operation: every entry of the larger side meets the kernel's other axes once. */
function multiplyAdds({ operator, inputs, outputs, attributes }: Operation): number {
  const [first, second, third] = inputs as [Value, Value, Value];
  const [output] = outputs as [Value];
  const perPosition = (kernel: readonly number[]) => sizeOf(kernel.slice(0, 3));
  switch (operator) {
    case 'Conv2D':
      return sizeOf(output.shape) * perPosition(second.shape);
    case 'Conv2DBackpropInput':
      return sizeOf(third.shape) * perPosition(second.shape);
    case 'Conv2DBackpropFilter':
      return sizeOf(third.shape) * perPosition(output.shape);
    case 'MatMul':
    case 'BatchMatMulV2': {
      const transposed = Object.entries(attributes).some(
        ([name, value]) => /^(transpose_a|adj_x)$/.test(name) && 'bool' in value && value.bool,
      );
      return sizeOf(output.shape) * (first.shape.at(transposed ? -2 : -1) as number);
    }
    default:
      return 0;
  }
}

/** Work of what depends on the inputs; what depends on constants alone is computed once for many calls. */
function workOf(operations: readonly Operation[], inputs: Iterable<Value>): number {
  const moving = new Set<Value>(inputs);
  let work = 0;
  for (const operation of operations) {
    if (!operation.inputs.some((value) => moving.has(value))) continue;
    for (const output of operation.outputs) moving.add(output);
    const products = multiplyAdds(operation);
    work += products > 0 ? products : workOfValue * operation.outputs.reduce((sum, output) => sum + sizeOf(output.shape), 0);
  }
  return work;
}

const specifications = (arrays: HostArrays): Specifications =>
  Object.fromEntries(Object.entries(arrays).map(([name, { shape, dtype }]) => [name, { shape, dtype }]));

/**
 * Counts the work of every run, in multiply-adds. With a backend behind it the runs happen there; without one the arrays that
 * come back have a shape and no values, and only the shapes of those that are given matter.
 */
export class CountingBackend implements Backend {
  readonly name = 'cpu';
  readonly kind = 'cpu';
  readonly threads: number;
  readonly sessions = 0;
  work = 0;

  constructor(private readonly behind?: Backend) {
    this.threads = behind?.threads ?? 1;
  }

  compile(name: string, step: Step, options: CompileOptions): CompiledStep {
    const constants = specifications(options.constants ?? {});
    const compiled = this.behind?.compile(name, step, options);
    const known = new Map<string, { work: number; outputs: Specifications }>();
    const traced = (inputs: Specifications) => {
      const key = JSON.stringify(inputs);
      let found = known.get(key);
      if (!found) {
        const { program, outputs } = trace(name, step, inputs, constants);
        const shapes = Object.fromEntries([...outputs].map(([output, value]) => [output, specificationOf(value)]));
        found = { work: workOf(program.operations, program.inputs.values()), outputs: shapes as Specifications };
        known.set(key, found);
      }
      return found;
    };
    return {
      run: async (inputs, run) => {
        const { work, outputs } = traced(specifications(inputs));
        this.work += work * (run?.times ?? 1);
        return compiled ? compiled.run(inputs, run) : withoutValues(outputs);
      },
      setConstants: async (values) => compiled?.setConstants(values),
      dispose: async () => compiled?.dispose(),
    };
  }

  async dispose(): Promise<void> {
    await this.behind?.dispose();
  }
}

/** Arrays of these shapes that hold nothing. */
export function withoutValues(shapes: Specifications): HostArrays {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, { shape, dtype }]) => [
      name,
      { shape, dtype, data: dtype === 'int32' ? new Int32Array(0) : new Float32Array(0) },
    ]),
  );
}
