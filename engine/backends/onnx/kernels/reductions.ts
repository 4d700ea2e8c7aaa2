/** tfjs kernels that reduce along axes. */
import * as tf from '@tensorflow/tfjs-core';
import { sizeOf } from '../../../ops/arrays.ts';
import type { Graph } from '../graph.ts';
import { filled, plain, reshapeValue, type Traced, toPlain, uniform, whole } from '../traced.ts';
import { traceKernel } from '../tracer.ts';
import type { Value } from '../values.ts';

const kept = (shape: readonly number[], axes: number[]) => shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
const dropped = (shape: readonly number[], axes: number[]) => shape.filter((_, axis) => !axes.includes(axis));

function reduceNode(graph: Graph, operator: string, value: Value, axes: number[]): Value {
  const shape = kept(value.shape, axes);
  const isMeanOfPositions = operator === 'ReduceMean' && value.shape.length === 4 && axes.join() === '2,3';
  if (isMeanOfPositions) return graph.node('GlobalAveragePool', [value], shape, value.type);
  return graph.node(operator, [value, graph.integers(axes)], shape, value.type, { keepdims: 1 });
}

/** Over positions, or over images and positions, without leaving the blocks: the runtime is quick at one axis at a time. */
function reduceBlocks(graph: Graph, operator: string, value: Value, overImages: boolean): Value {
  const [images, channels, height, width] = value.shape as [number, number, number, number];
  const shown = reshapeValue(graph, value, [images, channels / graph.block, height * width, graph.block]);
  const ofImages = reshapeValue(graph, reduceNode(graph, operator, shown, [2]), [images, channels]);
  return overImages ? reshapeValue(graph, reduceNode(graph, operator, ofImages, [0]), [channels]) : ofImages;
}

function reduce(graph: Graph, operator: string, x: Traced, axis: number | number[], keepDims: boolean): Traced {
  const axes = tf.util.parseAxisParam(axis, x.shape).sort((a, b) => a - b);
  const shape = keepDims ? kept(x.shape, axes) : dropped(x.shape, axes);
  const overImages = axes.join() === '0,1,2';
  if (x.layout === 'blocked' && (overImages || axes.join() === '1,2'))
    return plain(reshapeValue(graph, reduceBlocks(graph, operator, x.value, overImages), shape));
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
  return plain(reshapeValue(graph, reduceNode(graph, operator, whole(graph, x), axes), shape));
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
