import type * as tf from '@tensorflow/tfjs-core';
import { callStep } from '../arguments.ts';
import type { HostArray, Step } from '../backend.ts';
import './kernels/all.ts';
import { Program, type Value } from './program.ts';
import { tracer } from './tracer.ts';

export type Specifications = Record<string, Pick<HostArray, 'shape' | 'dtype'>>;

export interface TracedStep {
  program: Program;
  outputs: Map<string, Value>;
}

/**
 * Runs the step once on tensors without values and keeps what it does as a program.
 * Throws EngineError, naming the step, for whatever in it cannot be traced.
 */
export function trace(name: string, step: Step, inputs: Specifications, constants: Specifications): TracedStep {
  const program = new Program();
  return tracer.collect(program, () => {
    const tensors: Record<string, tf.Tensor> = {};
    for (const [key, { shape, dtype }] of Object.entries(constants)) tensors[key] = tracer.tensorOf(program.constant(key, shape, dtype));
    for (const [key, { shape, dtype }] of Object.entries(inputs)) tensors[key] = tracer.tensorOf(program.input(key, shape, dtype));
    const results = callStep(name, step, tensors, Object.keys(inputs));
    return { program, outputs: new Map(Object.entries(results).map(([key, tensor]) => [key, tracer.describe(tensor)])) };
  });
}

/** What the host gets of an output: truth values come as 0 and 1. */
export const specificationOf = ({ shape, type }: Value): Specifications[string] => ({
  shape: [...shape],
  dtype: type === 'float32' ? 'float32' : 'int32',
});
