/**
 * The gradient of a convolution with stride 2 in blocks. Of every two rows (and columns) of the input, the first and the
 * second see different rows of the kernel: a small convolution computes all four kinds as channels side by side, and a
 * transposition puts them in their places.
 */
import { blockKernel, convolveBlocks, fitsBlocks } from '../blocked.ts';
import type { Graph } from '../graph.ts';
import { permute, reshapeValue, sameShape } from '../traced.ts';
import type { Value } from '../values.ts';
import type { Geometry, Pair, Shape4 } from './geometry.ts';
import { turn } from './turn.ts';

function spreads({ strides, dilations, kernel, pads, input, output }: Geometry): boolean {
  const isDoubled = [2, 3].every((axis) => input[axis] === 2 * (output[axis] as number));
  const isReached = kernel.every((size, axis) => (pads[axis] as number) < size);
  return strides.join() === '2,2' && dilations.join() === '1,1' && isDoubled && isReached;
}

export const spreadsInBlocks = (graph: Graph, sizes: Geometry): boolean =>
  spreads(sizes) && fitsBlocks(graph, sizes.input[1]) && fitsBlocks(graph, sizes.output[1]);

/** Whether all four kinds of the few channels of images fill no more than one block. */
export const spreadsToImages = (graph: Graph, sizes: Geometry): boolean => spreads(sizes) && 4 * sizes.input[1] <= graph.block;

/**
 * Row 2 i + r of the input's gradient is the sum over d of dy's row i + d times the kernel's row pad + r - 2 d: the
 * least and the greatest such d.
 */
const reach = (size: number, pad: number): Pair => [Math.ceil((pad - size + 1) / 2), Math.floor((pad + 1) / 2)];

/** The kernel of the small convolution: [rows d, columns d, filters, 4 channels], one quarter for each kind of pixel. */
function spreadKernel(graph: Graph, kernel: Value, reaches: [Pair, Pair], pads: number[]): Value {
  const [height, width, channels, filters] = kernel.shape as Shape4;
  const lengths = reaches.map(([least, greatest]) => greatest - least + 1) as Pair;
  const before = reaches.map(([, greatest], axis) => 2 * greatest - (pads[axis] as number)) as Pair;
  const after = [height, width].map((size, axis) => 2 * (lengths[axis] as number) - size - (before[axis] as number));
  const margins = graph.integers([...before, 0, 0, ...after, 0, 0]);
  const [rows, columns] = lengths;
  const filled = graph.node('Pad', [kernel, margins, graph.scalar(0)], [2 * rows, 2 * columns, channels, filters], 'float32');
  const kinds = reshapeValue(graph, filled, [rows, 2, columns, 2, channels, filters]);
  const ordered = permute(graph, kinds, [0, 2, 5, 1, 3, 4]);
  return reshapeValue(graph, turn(graph, ordered), [rows, columns, filters, 4 * channels]);
}

/** The small convolution of dy: its kernel, not in blocks, and its sizes. */
export function smallConvolution(graph: Graph, kernel: Value, { kernel: [height, width], pads }: Geometry) {
  const reaches: [Pair, Pair] = [reach(height, pads[0]), reach(width, pads[1])];
  return {
    small: spreadKernel(graph, kernel, reaches, pads),
    sizes: {
      strides: [1, 1] as Pair,
      dilations: [1, 1] as Pair,
      pads: [-reaches[0][0], -reaches[1][0], reaches[0][1], reaches[1][1]] as Geometry['pads'],
      kernel_shape: reaches.map(([least, greatest]) => greatest - least + 1),
    },
  };
}

/**
 * What the small convolution gave, [images, 4 channels, rows, columns] with channels first, put in its places: first beside each other
 * within rows, then row by row. The runtime moves one axis at a time three times as fast as several at once.
 */
export function putInPlaces(graph: Graph, kinds: Value, { input, output: [, , rows, columns] }: Geometry): Value {
  const [images, channels] = input;
  const pairs = permute(graph, reshapeValue(graph, kinds, [2 * images, 2, channels * rows * columns]), [0, 2, 1]);
  const lines = permute(graph, reshapeValue(graph, pairs, [images, 2, channels * rows, 2 * columns]), [0, 2, 1, 3]);
  return reshapeValue(graph, lines, input);
}

/**
 * The gradient of the input, blocked.
 * @param dy blocked
 * @param kernel [kernel height, kernel width, channels, filters]
 */
export function spread(graph: Graph, dy: Value, kernel: Value, geometry: Geometry): Value {
  const { input, output } = geometry;
  const { small, sizes } = smallConvolution(graph, kernel, geometry);
  const [images, channels] = input;
  const [, , rows, columns] = output;
  const kinds = convolveBlocks(graph, dy, blockKernel(graph, small), [images, 4 * channels, rows, columns], sizes);
  const shown = reshapeValue(graph, kinds, [images, 2, 2, channels / graph.block, rows, columns, graph.block]);
  return reshapeValue(graph, permute(graph, shown, [0, 3, 4, 1, 5, 2, 6]), input);
}

interface Spread {
  /** What was put in its places: seen as this shape, and transposed by this order. */
  kinds: Value;
  shown: readonly number[];
  order: number[];
}

/** The transposition that a value comes from, if it does. */
function spreadFrom(graph: Graph, value: Value): Spread | undefined {
  const placed = graph.producerOf(value);
  const moved = placed?.operator === 'Reshape' ? graph.producerOf(placed.inputs[0] as Value) : undefined;
  const shown = moved?.operator === 'Transpose' ? graph.producerOf(moved.inputs[0] as Value) : undefined;
  if (!moved || shown?.operator !== 'Reshape') return undefined;
  return { kinds: shown.inputs[0] as Value, shown: (moved.inputs[0] as Value).shape, order: moved.attributes.perm as number[] };
}

/** The sum of two gradients that were spread alike, added up before they are: one transposition instead of two. */
export function sumOfSpread(graph: Graph, first: Value, second: Value): Value | undefined {
  const [a, b] = [spreadFrom(graph, first), spreadFrom(graph, second)];
  if (!a || !b || !sameShape(first.shape, second.shape) || !sameShape(a.kinds.shape, b.kinds.shape)) return undefined;
  if (!sameShape(a.shown, b.shown) || !sameShape(a.order, b.order)) return undefined;
  const sum = graph.node('Add', [a.kinds, b.kinds], a.kinds.shape, 'float32');
  return reshapeValue(graph, permute(graph, reshapeValue(graph, sum, a.shown), a.order), first.shape);
}
