/** tfjs kernels that reduce along axes. */
import * as tf from '@tensorflow/tfjs-core';
import { sizeOf } from '../../../ops/arrays.ts';
import { fusedSumOfProducts } from '../../../ops/sum-of-products.ts';
import { sumOfBlockProducts } from '../blocked.ts';
import type { Graph } from '../graph.ts';
import { elementwise, filled, permute, plain, reshapeValue, type Traced, toPlain, uniform, whole } from '../traced.ts';
import { traceKernel } from '../tracer.ts';
import { blockedDomain, type Value } from '../values.ts';

const kept = (shape: readonly number[], axes: number[]) => shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
const dropped = (shape: readonly number[], axes: number[]) => shape.filter((_, axis) => !axes.includes(axis));

function reduceNode(graph: Graph, operator: string, value: Value, axes: number[]): Value {
  const shape = kept(value.shape, axes);
  const isMeanOfPositions = operator === 'ReduceMean' && value.shape.length === 4 && axes.join() === '2,3';
  if (isMeanOfPositions) return graph.node('GlobalAveragePool', [value], shape, value.type);
  return graph.node(operator, [value, graph.integers(axes)], shape, value.type, { keepdims: 1 });
}

/** Of every channel, from what each image has: [images, channels] to [channels]. */
const overImages = (graph: Graph, operator: string, ofImages: Value) =>
  reshapeValue(graph, reduceNode(graph, operator, ofImages, [0]), ofImages.shape.slice(1));

/** Over positions, without leaving the blocks: [images, channels]. The runtime is quick at one axis at a time. */
function overPositions(graph: Graph, operator: string, value: Value): Value {
  const [images, channels, height, width] = value.shape as [number, number, number, number];
  if (operator === 'ReduceMean') {
    const means = graph.node('GlobalAveragePool', [value], [images, channels, 1, 1], 'float32', {}, blockedDomain);
    return reshapeValue(graph, means, [images, channels]);
  }
  const shown = reshapeValue(graph, value, [images, channels / graph.block, height * width, graph.block]);
  return reshapeValue(graph, reduceNode(graph, operator, shown, [2]), [images, channels]);
}

/** A reduction of a blocked value without leaving the blocks, where there is one for these axes. */
function reduceBlocks(graph: Graph, operator: string, value: Value, axes: number[], shape: number[]): Traced | undefined {
  const isWhole = shape.length === value.shape.length;
  if (axes.join() === '0' && isWhole) return { value: reduceNode(graph, operator, value, axes), shape, layout: 'blocked' };
  if (axes.join() === '1,2') return plain(reshapeValue(graph, overPositions(graph, operator, value), shape));
  if (axes.join() !== '0,1,2') return undefined;
  return plain(reshapeValue(graph, overImages(graph, operator, overPositions(graph, operator, value)), shape));
}

/** Bytes at whose multiples the runtime finds vectors. */
const vectorBytes = 64;

/**
 * Sums of rows that do not begin where vectors do: the runtime would add a row up in an order that depends on where it begins, and
 * the last digit on the image's place. It adds whole columns in their order.
 */
function sumColumns(graph: Graph, operator: string, value: Value): Value | undefined {
  const last = value.shape.length - 1;
  const isAligned = ((value.shape[last] as number) * Float32Array.BYTES_PER_ELEMENT) % vectorBytes === 0;
  if (graph.block === 1 || isAligned || !['ReduceSum', 'ReduceMean'].includes(operator)) return undefined;
  const columns = permute(graph, value, [last, ...value.shape.keys()].slice(0, last + 1));
  return reduceNode(graph, operator, columns, [0]);
}

function reduce(graph: Graph, operator: string, x: Traced, axis: number | number[], keepDims: boolean): Traced {
  const axes = tf.util.parseAxisParam(axis, x.shape).sort((a, b) => a - b);
  const shape = keepDims ? kept(x.shape, axes) : dropped(x.shape, axes);
  const inBlocks = x.layout === 'blocked' ? reduceBlocks(graph, operator, x.value, axes, shape) : undefined;
  if (inBlocks) return inBlocks;
  const remaining = toPlain.map((_, at) => at).filter((at) => !axes.includes(at));
  const storedOrder = remaining.map((at) => toPlain[at] as number);
  const ordered = storedOrder.every((at, index) => index === 0 || at > (storedOrder[index - 1] as number));
  if (x.layout === 'channelsFirst' && (keepDims || ordered)) {
    const value = reduceNode(
      graph,
      operator,
      whole(graph, x, 'channelsFirst'),
      axes.map((at) => toPlain[at] as number).sort((a, b) => a - b),
    );
    return keepDims ? { value, shape, layout: 'channelsFirst' } : plain(reshapeValue(graph, value, shape));
  }
  const value = whole(graph, x);
  const ofColumns = axes.join() === `${x.shape.length - 1}` ? sumColumns(graph, operator, value) : undefined;
  return plain(reshapeValue(graph, ofColumns ?? reduceNode(graph, operator, value, axes), shape));
}

/** What a reduction of n equal numbers gives. */
const ofEqual: Record<string, (value: number, count: number) => number> = {
  ReduceSum: (value, count) => value * count,
  ReduceMean: (value) => value,
  ReduceMax: (value) => value,
  ReduceMin: (value) => value,
};

for (const [kernel, operator, attribute] of [
  ['Sum', 'ReduceSum', 'axis'],
  ['Mean', 'ReduceMean', 'axis'],
  ['Max', 'ReduceMax', 'reductionIndices'],
  ['Min', 'ReduceMin', 'axis'],
] as const)
  traceKernel(kernel, ['x'], (graph, [x], attributes) => {
    const traced = x as Traced;
    const axis = (attributes[attribute] ?? attributes.axis) as number | number[];
    const keepDims = attributes.keepDims === true;
    const number = uniform(graph, traced);
    if (number === undefined || traced.value.type !== 'float32') return reduce(graph, operator, traced, axis, keepDims);
    const axes = tf.util.parseAxisParam(axis, traced.shape);
    const shape = keepDims ? kept(traced.shape, axes) : dropped(traced.shape, axes);
    const count = sizeOf(traced.shape) / sizeOf(shape);
    return filled(graph, shape, Math.fround((ofEqual[operator] as (typeof ofEqual)[string])(number, count)), 'float32');
  });

traceKernel(fusedSumOfProducts, ['a', 'b'], (graph, inputs) => {
  const [a, b] = inputs as [Traced, Traced];
  if (a.layout === 'blocked' && b.layout === 'blocked')
    return plain(overImages(graph, 'ReduceSum', sumOfBlockProducts(graph, a.value, b.value)));
  const axes = a.shape.slice(0, -1).map((_, at) => at);
  return reduce(graph, 'ReduceSum', elementwise(graph, 'Mul', [a, b], 'float32'), axes, false);
});
traceKernel('ArgMax', ['x'], (graph, [x], { axis }) => {
  const value = whole(graph, x as Traced);
  const at = tf.util.parseAxisParam(axis as number, [...value.shape])[0] as number;
  const shape = dropped(value.shape, [at]);
  const index = graph.node('ArgMax', [value], shape, 'int64', { axis: at, keepdims: 0 });
  return plain(graph.node('Cast', [index], shape, 'int32', { to: 6 }));
});
for (const [kernel, operator] of [
  ['Softmax', 'Softmax'],
  ['LogSoftmax', 'LogSoftmax'],
] as const)
  traceKernel(kernel, ['logits'], (graph, [logits]) => {
    const value = whole(graph, logits as Traced);
    return plain(graph.node(operator, [value], value.shape, 'float32', { axis: value.shape.length - 1 }));
  });
