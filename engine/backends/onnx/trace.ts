import type { Tensor } from '@tensorflow/tfjs-core';
import { callStep } from '../arguments.ts';
import type { HostArray, HostArrays, Step } from '../backend.ts';
import { type EncodedGraph, Graph, type Value } from './graph.ts';
import './kernels/all.ts';
import * as tf from '@tensorflow/tfjs-core';
import { plain, whole } from './traced.ts';
import { tracer } from './tracer.ts';

export type Specification = Pick<HostArray, 'shape' | 'dtype'>;
export type Specifications = Record<string, Specification>;

export interface TracedStep extends EncodedGraph {
  inputs: Specifications;
  outputs: Specifications;
}

/** A tensor whose entries stand for a value of the graph. */
function makeTensor(value: Value): Tensor {
  return tf.engine().makeTensorFromTensorInfo(tracer.keep(plain(value)), tracer);
}

function makeInputs(graph: Graph, inputs: Specifications, constants: HostArrays): Record<string, Tensor> {
  const tensors: Record<string, Tensor> = {};
  for (const [name, { shape, dtype }] of Object.entries(constants)) tensors[name] = makeTensor(graph.constant(name, shape, dtype));
  for (const [name, { shape, dtype }] of Object.entries(inputs)) tensors[name] = makeTensor(graph.input(name, shape, dtype));
  return tensors;
}

/** The value of an output as the host takes it: whole, in plain order, truth values as 0 and 1. */
function outputValue(graph: Graph, tensor: Tensor): Value {
  const value = whole(graph, tracer.describe(tensor));
  return value.type === 'bool' ? graph.node('Cast', [value], value.shape, 'int32', { to: 6 }) : value;
}

/**
 * Runs the step once on tensors without values and keeps what it does as a graph.
 * Throws EngineError, naming the step, for whatever in it cannot be traced.
 */
export function trace(name: string, step: Step, inputs: Specifications, constants: HostArrays): TracedStep {
  const graph = new Graph();
  return tracer.collect(graph, () => {
    const results = callStep(name, step, makeInputs(graph, inputs, constants), Object.keys(inputs));
    const values = Object.fromEntries(Object.entries(results).map(([output, tensor]) => [output, outputValue(graph, tensor)]));
    const outputs = Object.fromEntries(
      Object.entries(values).map(([output, { shape, type }]) => [
        output,
        { shape: [...shape], dtype: type === 'int32' ? ('int32' as const) : ('float32' as const) },
      ]),
    );
    return { ...graph.encode(values), inputs, outputs };
  });
}
