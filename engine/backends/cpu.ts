/** tfjs' plain backend: slow, eager, no code of ours between an operation and its value. The oracle of the tests. */
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { EngineError } from '../errors.ts';
import { callStep, checkArrays, checkConstants, checkFeed, checkRun } from './arguments.ts';
import type { Backend, CompiledStep, CompileOptions, HostArray, HostArrays, RunOptions, Step } from './backend.ts';
import { withCurrentBackend } from './current.ts';

const toTensor = ({ data, shape, dtype }: HostArray) => tf.tensor(data, shape, dtype);

function toHost(tensor: tf.Tensor): HostArray {
  const whole = tensor.dtype === 'int32' || tensor.dtype === 'bool';
  const data = tensor.dataSync();
  const shape = tensor.shape.slice();
  return whole ? { shape, dtype: 'int32', data: Int32Array.from(data) } : { shape, dtype: 'float32', data: Float32Array.from(data) };
}

const mapValues = <From, To>(record: Record<string, From>, change: (value: From) => To) =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));

function runOnce(name: string, step: Step, inputs: HostArrays, constants: HostArrays): HostArrays {
  return withCurrentBackend('cpu', () => {
    tf.engine().startScope();
    try {
      const tensors = mapValues({ ...constants, ...inputs }, toTensor);
      return mapValues(callStep(name, step, tensors, Object.keys(inputs)), toHost);
    } finally {
      tf.engine().endScope();
    }
  });
}

class EagerStep implements CompiledStep {
  private disposed = false;
  private constants: HostArrays;

  constructor(
    private readonly name: string,
    private readonly step: Step,
    constants: HostArrays,
    private readonly owner: { sessions: number },
  ) {
    checkArrays(name, constants);
    this.constants = { ...constants };
    owner.sessions += 1;
  }

  async run(inputs: HostArrays, options: RunOptions = {}): Promise<HostArrays> {
    this.checkAlive();
    checkRun(this.name, inputs, this.constants, options);
    const { times = 1, feed = {} } = options;
    let current = inputs;
    for (let done = 1; ; done += 1) {
      const outputs = runOnce(this.name, this.step, current, this.constants);
      checkFeed(this.name, current, outputs, feed);
      if (done === times) return outputs;
      current = { ...current };
      for (const [output, input] of Object.entries(feed)) current[input] = outputs[output] as HostArray;
    }
  }

  async setConstants(constants: HostArrays): Promise<void> {
    this.checkAlive();
    checkConstants(this.name, this.constants, constants);
    this.constants = { ...this.constants, ...constants };
  }

  async dispose(): Promise<void> {
    if (!this.disposed) this.owner.sessions -= 1;
    this.disposed = true;
    this.constants = {};
  }

  private checkAlive(): void {
    if (this.disposed) throw new EngineError(`${this.name}: this step has been disposed.`);
  }
}

/** Eager execution on one core; a session of it is a compiled step that has not been disposed. */
export class CpuBackend implements Backend {
  readonly name = 'cpu';
  readonly kind = 'cpu';
  readonly threads = 1;
  sessions = 0;

  compile(name: string, step: Step, { constants = {} }: CompileOptions): CompiledStep {
    return new EagerStep(name, step, constants, this);
  }

  async dispose(): Promise<void> {}
}
