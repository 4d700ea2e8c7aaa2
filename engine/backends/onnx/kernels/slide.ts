/**
 * The gradient of a convolution's kernel in blocks: a convolution whose channels are the images and whose kernel is dy.
 * Pixels keep their channels side by side, as columns of their own, so that a place of the kernel and a channel are one
 * output column and the runtime computes as many columns at a time as it can. The images are cut into groups, for as many
 * rows of output as keep all threads busy, and their sums are added at the end.
 */
import { blockKernelOfImages, convolveBlocks, fitsBlocks, fromBlocks, toBlocks } from '../blocked.ts';
import type { Graph } from '../graph.ts';
import { reshapeValue, type Traced, whole } from '../traced.ts';
import type { Value } from '../values.ts';
import type { Geometry, Pair, Shape4 } from './geometry.ts';

/** Rows of output, over all groups and filters, that are enough for the runtime to share out evenly. */
const enoughRows = 16;

/** Blocks of filters that the runtime computes together. */
const filterBlocks = 4;

export function slidesInBlocks(graph: Graph, { dilations, output }: Geometry): boolean {
  return dilations.join() === '1,1' && fitsBlocks(graph, output[1]);
}

/** Zeros after the last images, to full blocks. */
function fillImages(graph: Graph, value: Value, images: number): Value {
  const missing = images - (value.shape[0] as number);
  if (missing === 0) return value;
  const pads = Array.from({ length: 8 }, (_, index) => (index === 4 ? missing : 0));
  return graph.node('Pad', [value, graph.integers(pads), graph.scalar(0)], [images, ...value.shape.slice(1)], 'float32');
}

/** Groups of images: a divisor of their blocks. */
function groupsOf({ block }: Graph, images: number, filters: number, rows: number): number {
  const blocks = images / block;
  const wanted = enoughRows / (rows * Math.ceil(filters / block / filterBlocks));
  return Array.from({ length: blocks }, (_, index) => index + 1).find((count) => blocks % count === 0 && count >= wanted) ?? blocks;
}

/**
 * The images with just those rows and columns, stored zeros among the columns, that the kernel reached: the runtime takes
 * columns that its own padding touches one by one. Returns what is left to pad at the top and the bottom.
 * @param source [images, height, width, channels]
 */
function reached(graph: Graph, source: Value, { strides, pads, kernel, output }: Geometry): { value: Value; margins: Pair } {
  const [images, height, width, channels] = source.shape as Shape4;
  const [top, left] = pads;
  const [rows, columns] = [0, 1].map(
    (axis) => ((output[axis + 2] as number) - 1) * (strides[axis] as number) + (kernel[axis] as number),
  ) as Pair;
  const bottom = rows - height - top;
  const kept = height + Math.min(bottom, 0);
  const after = columns - width - left;
  if (left === 0 && after === 0 && kept === height) return { value: source, margins: [top, bottom] };
  const places = graph.integers([0, 0, left, 0, 0, kept - height, after, 0]);
  const value = graph.node('Pad', [source, places, graph.scalar(0)], [images, kept, columns, channels], 'float32');
  return { value, margins: [top, Math.max(bottom, 0)] };
}

/** The pixels that a kernel of one pixel saw, as if it had stood on every one of them. */
function seen(graph: Graph, source: Value, sizes: Geometry): { source: Value; sizes: Geometry } {
  const { strides, kernel, pads, input, output } = sizes;
  if (kernel.join() !== '1,1' || pads.some((pad) => pad > 0) || strides.join() === '1,1') return { source, sizes };
  const [images, channels, ...positions] = [source.shape[0] as number, input[1], output[2], output[3]] as const;
  const ends = positions.map((count, axis) => (count - 1) * (strides[axis] as number) + 1);
  const bounds = [[0, 0], ends, [1, 2], strides].map((values) => graph.integers(values));
  const value = graph.node('Slice', [source, ...bounds], [images, ...positions, channels], 'float32');
  return { source: value, sizes: { ...sizes, strides: [1, 1], input: [images, channels, ...positions] } };
}

/** The gradient [kernel height, kernel width, channels, filters]. */
export function slideInBlocks(graph: Graph, x: Traced, dy: Traced, all: Geometry): Value {
  const { input, output } = all;
  const [count, channels] = input;
  const [, filters, ...positions] = output;
  const images = Math.ceil(count / graph.block) * graph.block;
  const { source: pixels, sizes } = seen(graph, fillImages(graph, whole(graph, x), images), all);
  const { strides, kernel } = sizes;
  const groups = groupsOf(graph, images, filters, kernel[0]);
  const { value: source, margins } = reached(graph, pixels, sizes);
  const [, height, width] = source.shape as Shape4;
  const columns = toBlocks(graph, reshapeValue(graph, source, [1, images, height, width * channels]), false);
  const filled = count === images ? whole(graph, dy, 'blocked') : toBlocks(graph, fillImages(graph, whole(graph, dy), images), true);
  const slid = convolveBlocks(
    graph,
    columns,
    blockKernelOfImages(graph, filled, groups),
    [1, groups * filters, kernel[0], kernel[1] * channels],
    {
      strides: [1, 1],
      dilations: [strides[0], strides[1] * channels],
      pads: [margins[0], 0, margins[1], 0],
      kernel_shape: positions,
    },
    groups,
  );
  const parts = reshapeValue(graph, fromBlocks(graph, slid, true), [...kernel, channels, groups, filters]);
  if (groups === 1) return reshapeValue(graph, parts, [...kernel, channels, filters]);
  return graph.node('ReduceSum', [parts, graph.integers([3])], [...kernel, channels, filters], 'float32', { keepdims: 0 });
}
