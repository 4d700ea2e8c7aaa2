/** Checks of what a caller hands to a step, the same for every backend. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { EngineError } from '../errors.ts';
import { sizeOf } from '../ops/arrays.ts';
import type { HostArray, HostArrays, RunOptions, Step, Tensors } from './backend.ts';

export const describe = (array: { shape: number[]; dtype: string }) => `${array.dtype} [${array.shape.join(', ')}]`;

/** Throws when an array's type and length do not match what it says of itself. */
export function checkArrays(step: string, arrays: HostArrays): void {
  for (const [name, array] of Object.entries(arrays)) {
    const typed = array.dtype === 'float32' ? Float32Array : array.dtype === 'int32' ? Int32Array : undefined;
    if (typed === undefined) throw new EngineError(`${step}: ${name} has the type ${array.dtype}; only float32 and int32 are known.`);
    if (!(array.data instanceof typed)) throw new EngineError(`${step}: ${name} says ${array.dtype} but its data is another type.`);
    if (array.data.length !== sizeOf(array.shape))
      throw new EngineError(`${step}: ${name} is ${describe(array)} but holds ${array.data.length} values.`);
  }
}

/** Throws when new constants have unknown names or other shapes than the old ones. */
export function checkConstants(step: string, before: HostArrays, after: HostArrays): void {
  checkArrays(step, after);
  for (const [name, array] of Object.entries(after)) {
    const old = before[name];
    if (old === undefined) throw new EngineError(`${step}: ${name} is no constant of this step.`);
    if (describe(old) !== describe(array))
      throw new EngineError(`${step}: constant ${name} was ${describe(old)}, is now ${describe(array)}.`);
  }
}

/** Throws when a name is both an input and a constant, or when the number of times makes no sense. */
export function checkRun(step: string, inputs: HostArrays, constants: HostArrays, { times = 1, feed = {} }: RunOptions): void {
  checkArrays(step, inputs);
  for (const name of Object.keys(inputs))
    if (name in constants) throw new EngineError(`${step}: ${name} is a constant of this step; run cannot take it as an input.`);
  if (!Number.isInteger(times) || times < 1) throw new EngineError(`${step}: cannot run ${times} times; give a whole number from 1.`);
  for (const [output, input] of Object.entries(feed))
    if (!(input in inputs)) throw new EngineError(`${step}: cannot feed ${output} to ${input}, which is no input of this run.`);
}

/** Throws when outputs cannot be fed back as asked. */
export function checkFeed(
  step: string,
  inputs: Record<string, Pick<HostArray, 'shape' | 'dtype'>>,
  outputs: Record<string, Pick<HostArray, 'shape' | 'dtype'>>,
  feed: Record<string, string>,
): void {
  for (const [output, input] of Object.entries(feed)) {
    const from = outputs[output];
    const to = inputs[input];
    if (from === undefined) throw new EngineError(`${step}: cannot feed ${output} to ${input}: the step has no such output.`);
    if (to === undefined || describe(from) !== describe(to))
      throw new EngineError(`${step}: cannot feed ${output}, ${describe(from)}, to ${input}, ${to ? describe(to) : 'which is missing'}.`);
  }
}

/** The tensors as the step sees them: reading a name that is not there is an error, and what was read is remembered. */
function watchReads(step: string, tensors: Tensors): { inputs: Tensors; read: Set<string> } {
  const read = new Set<string>();
  const inputs = new Proxy(tensors, {
    get(target, name): Tensor | undefined {
      if (typeof name === 'symbol') return undefined;
      const tensor = Object.hasOwn(target, name) ? target[name] : undefined;
      if (tensor === undefined) throw new EngineError(`${step}: the step reads ${name}, which is neither an input nor a constant.`);
      read.add(name);
      return tensor;
    },
  });
  return { inputs, read };
}

/**
 * Calls the step once. Throws EngineError, naming the step, when it fails or when it has not read one of the inputs.
 * @param given names of the inputs; the other tensors are constants, which may stay unread
 */
export function callStep(name: string, step: Step, tensors: Tensors, given: string[]): Tensors {
  const { inputs, read } = watchReads(name, tensors);
  let outputs: Tensors;
  try {
    outputs = step(inputs);
  } catch (error) {
    const { message } = error as Error;
    const hint = error instanceof EngineError ? error.hint : undefined;
    throw new EngineError(message.startsWith(`${name}: `) ? message : `${name}: ${message}`, hint);
  }
  const unread = given.filter((input) => !read.has(input));
  if (unread.length > 0) throw new EngineError(`${name}: the step does not read ${unread.join(', ')}.`);
  return outputs;
}
