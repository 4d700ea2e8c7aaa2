/** Maximum pooling and its gradient, with channels before positions. */
import * as tf from '@tensorflow/tfjs-core';
import { EngineError } from '../../../errors.ts';
import type { Graph } from '../graph.ts';
import { type Traced, toChannelsFirst, toPlain, whole } from '../traced.ts';
import { traceKernel } from '../tracer.ts';
import { type Attributes, blockedDomain, type Value } from '../values.ts';

type Shape4 = [number, number, number, number];
const channelsFirst = (value: Value): Traced => ({
  value,
  shape: toPlain.map((axis) => value.shape[axis] as number),
  layout: 'channelsFirst',
});

function geometry(shape: number[], { filterSize, strides, pad, dimRoundingMode }: Record<string, unknown>) {
  const info = tf.backend_util.computePool2DInfo(
    shape as Shape4,
    filterSize as [number, number],
    strides as [number, number],
    1,
    pad as number,
    dimRoundingMode as 'floor' | undefined,
  );
  const { top, left, bottom, right } = info.padInfo;
  const attributes: Attributes = {
    kernel_shape: [info.filterHeight, info.filterWidth],
    strides: [info.strideHeight, info.strideWidth],
    pads: [top, left, bottom, right],
  };
  return { attributes, output: toChannelsFirst.map((axis) => info.outShape[axis] as number), info };
}

traceKernel('MaxPool', ['x'], (graph, [x], attributes) => {
  const { attributes: pool, output } = geometry((x as Traced).shape, attributes);
  const { layout, value } = x as Traced;
  if (layout === 'blocked') return { ...channelsFirst(graph.node('MaxPool', [value], output, 'float32', pool, blockedDomain)), layout };
  return channelsFirst(graph.node('MaxPool', [whole(graph, x as Traced, 'channelsFirst')], output, 'float32', pool));
});

function positionsOfMaxima(graph: Graph, input: Value, output: number[], pool: Attributes): Value {
  const results = [
    { shape: output, type: 'float32' as const },
    { shape: output, type: 'int64' as const },
  ];
  return graph.nodeOfMany('MaxPool', [input], results, pool)[1] as Value;
}

traceKernel('MaxPoolGrad', ['dy', 'input'], (graph, [dy, input], attributes) => {
  const { attributes: pool, output, info } = geometry((input as Traced).shape, attributes);
  if (info.strideHeight < info.filterHeight || info.strideWidth < info.filterWidth)
    throw new EngineError('The onnx backend has no gradient for pooling with overlapping windows.');
  const source = whole(graph, input as Traced, 'channelsFirst');
  const positions = positionsOfMaxima(graph, source, output, pool);
  const operands = [whole(graph, dy as Traced, 'channelsFirst'), positions, graph.integers(source.shape)];
  return channelsFirst(graph.node('MaxUnpool', operands, source.shape, 'float32', pool));
});
