import type { Tensor } from '@tensorflow/tfjs-core';
import { callStep } from '../arguments.ts';
import type { HostArray, HostArrays, Step } from '../backend.ts';
import { type EncodedGraph, Graph } from './graph.ts';
import type { Value } from './values.ts';
import './kernels/all.ts';
import { permute, plain, type Traced, toChannelsFirst, whole } from './traced.ts';
import { tracer } from './tracer.ts';

/** An input of four axes with no more channels than this is a batch of images. */
const mostImageChannels = 4;

export type Specification = Pick<HostArray, 'shape' | 'dtype'>;
export type Specifications = Record<string, Specification>;

export interface TracedStep extends EncodedGraph {
  inputs: Specifications;
  outputs: Specifications;
  /** The graph runs the step as often as its input `times` says; see loop.ts. */
  looped?: boolean;
}

/** Images are transposed once, at the start, so that all that is done with them finds their channels first. */
function placeInput(graph: Graph, value: Value): Traced {
  const isImages = value.shape.length === 4 && (value.shape[3] as number) <= mostImageChannels && value.type === 'float32';
  if (!isImages) return plain(value);
  return { value: permute(graph, value, toChannelsFirst), shape: [...value.shape], layout: 'channelsFirst' };
}

function makeInputs(graph: Graph, inputs: Specifications, constants: HostArrays): Record<string, Tensor> {
  const tensors: Record<string, Tensor> = {};
  for (const [name, { shape, dtype }] of Object.entries(constants))
    tensors[name] = tracer.tensorOf(plain(graph.constant(name, shape, dtype)));
  for (const [name, { shape, dtype }] of Object.entries(inputs))
    tensors[name] = tracer.tensorOf(placeInput(graph, graph.input(name, shape, dtype)));
  return tensors;
}

/** The value of an output as the host takes it: whole, in plain order, truth values as 0 and 1. */
function outputValue(graph: Graph, tensor: Tensor): Value {
  const value = whole(graph, tracer.describe(tensor));
  return value.type === 'bool' ? graph.node('Cast', [value], value.shape, 'int32', { to: 6 }) : value;
}

/**
 * Runs the step once on tensors without values and keeps what it does as a graph.
 * @param block channels in a block of the runtime's convolutions; 1 when it has none
 * @param apart what depends on constants alone becomes a model of its own; see EncodedGraph
 * @param lasting see CompileOptions; for graphs that are apart
 * Throws EngineError, naming the step, for whatever in it cannot be traced.
 */
export function trace(
  name: string,
  step: Step,
  inputs: Specifications,
  constants: HostArrays,
  block: number,
  apart = false,
  lasting = false,
): TracedStep {
  const graph = new Graph(block);
  return tracer.collect(graph, () => {
    const results = callStep(name, step, makeInputs(graph, inputs, constants), Object.keys(inputs));
    const values = Object.fromEntries(Object.entries(results).map(([output, tensor]) => [output, outputValue(graph, tensor)]));
    const outputs = Object.fromEntries(
      Object.entries(values).map(([output, { shape, type }]) => [
        output,
        { shape: [...shape], dtype: type === 'int32' ? ('int32' as const) : ('float32' as const) },
      ]),
    );
    return { ...graph.encode(values, apart, lasting), inputs, outputs };
  });
}
