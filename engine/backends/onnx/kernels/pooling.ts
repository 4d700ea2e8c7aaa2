/** Maximum pooling and its gradient, with channels before positions. */
import * as tf from '@tensorflow/tfjs-core';
import { EngineError } from '../../../errors.ts';
import type { Graph } from '../graph.ts';
import { permute, reshapeValue, type Traced, toChannelsFirst, toPlain, whole } from '../traced.ts';
import { traceKernel } from '../tracer.ts';
import { type Attributes, blockedDomain, type Value } from '../values.ts';
import type { Pair, Shape4 } from './geometry.ts';

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

/** The entries of windows that do not overlap side by side: [images, channels, rows, columns, entries]. */
function windowsOf(graph: Graph, value: Value, [images, channels, rows, columns]: Shape4, [height, width]: Pair): Value {
  const [, , tall, wide] = value.shape as Shape4;
  const covered: Shape4 = [images, channels, rows * height, columns * width];
  const bounds = [[0, 0], covered.slice(2), [2, 3]].map((values) => graph.integers(values));
  const isCovered = tall === covered[2] && wide === covered[3];
  const cut = isCovered ? value : graph.node('Slice', [value, ...bounds], covered, 'float32');
  const split = reshapeValue(graph, cut, [images, channels, rows, height, columns, width]);
  return reshapeValue(graph, permute(graph, split, [0, 1, 2, 4, 3, 5]), [images, channels, rows, columns, height * width]);
}

/** Back from windows to [images, channels, height, width]; what no window covered is zero. */
function fromWindows(graph: Graph, windows: Value, [, , tall, wide]: Shape4, [height, width]: Pair): Value {
  const [images, channels, rows, columns] = windows.shape as Shape4;
  const split = permute(graph, reshapeValue(graph, windows, [images, channels, rows, columns, height, width]), [0, 1, 2, 4, 3, 5]);
  const covered = reshapeValue(graph, split, [images, channels, rows * height, columns * width]);
  const missing = [tall - rows * height, wide - columns * width];
  if (missing.every((count) => count === 0)) return covered;
  const pads = graph.integers([0, 0, 0, 0, 0, 0, ...missing]);
  return graph.node('Pad', [covered, pads, graph.scalar(0)], [images, channels, tall, wide], 'float32');
}

/**
 * The gradient by operations that every device has: GPUs know no MaxUnpool. Of several greatest entries the first gets it,
 * which is found by its rank.
 */
function gradientInWindows(graph: Graph, dy: Value, source: Value, output: Shape4, window: Pair): Value {
  const entries = windowsOf(graph, source, output, window);
  const count = entries.shape[4] as number;
  const single = [...output, 1];
  const greatest = (value: Value) => graph.node('ReduceMax', [value, graph.integers([4])], single, 'float32', { keepdims: 1 });
  const equal = (value: Value, other: Value) => graph.node('Equal', [value, other], entries.shape, 'bool');
  const rank = graph.literal(
    Array.from({ length: count }, (_, index) => count - index),
    [count],
    'float32',
  );
  const ranks = graph.node('Where', [equal(entries, greatest(entries)), rank, graph.scalar(0)], entries.shape, 'float32');
  const isFirst = equal(ranks, greatest(ranks));
  const given = graph.node('Where', [isFirst, reshapeValue(graph, dy, single), graph.scalar(0)], entries.shape, 'float32');
  return fromWindows(graph, given, source.shape as Shape4, window);
}

traceKernel('MaxPoolGrad', ['dy', 'input'], (graph, [dy, input], attributes) => {
  const { attributes: pool, output, info } = geometry((input as Traced).shape, attributes);
  if (info.strideHeight < info.filterHeight || info.strideWidth < info.filterWidth)
    throw new EngineError('The onnx backend has no gradient for pooling with overlapping windows.');
  const source = whole(graph, input as Traced, 'channelsFirst');
  const window: Pair = [info.filterHeight, info.filterWidth];
  const isTiled = info.strideHeight === window[0] && info.strideWidth === window[1] && (pool.pads as number[]).every((pad) => pad === 0);
  if (graph.block === 1 && isTiled)
    return channelsFirst(gradientInWindows(graph, whole(graph, dy as Traced, 'channelsFirst'), source, output as Shape4, window));
  const positions = positionsOfMaxima(graph, source, output, pool);
  const operands = [whole(graph, dy as Traced, 'channelsFirst'), positions, graph.integers(source.shape)];
  return channelsFirst(graph.node('MaxUnpool', operands, source.shape, 'float32', pool));
});
