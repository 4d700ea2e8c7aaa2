/**
 * The gradient of a convolution's kernel in blocks: a convolution whose channels are the images and whose kernel is dy.
 * Pixels keep their channels side by side, as columns of their own, so that a place of the kernel and a channel are one
 * output column and the runtime computes as many columns at a time as it can. The images are cut into groups, for as many
 * rows of output as keep all threads busy, and large ones into bands of rows, so that the part of dy that is gone through
 * for every few columns stays in a core's cache; what the parts give is added at the end.
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

/** Bytes of dy that stay in a core's cache beside what else passes through it. */
const cachedBytes = 2 ** 20;

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

const divisors = (count: number) => Array.from({ length: count }, (_, index) => index + 1).filter((part) => count % part === 0);

/** Groups of the images, and bands of the rows of dy, that it is cut into; there are bands only where every block of images is a group. */
function cutsOf(
  { block }: Graph,
  images: number,
  filters: number,
  [rows, columns]: Pair,
  kernelRows: number,
): { groups: number; bands: number } {
  const sets = Math.ceil(filters / block / filterBlocks);
  const rowBytes = Float32Array.BYTES_PER_ELEMENT * block * columns * Math.min(filters, filterBlocks * block);
  const bands = divisors(rows).find((count) => (rows / count) * rowBytes <= cachedBytes) ?? rows;
  const blocks = images / block;
  const groups = bands > 1 ? blocks : (divisors(blocks).find((count) => count * sets * kernelRows >= enoughRows) ?? blocks);
  return { groups, bands };
}

/**
 * The images with just those columns that the kernel reached, stored zeros among them: the runtime takes columns that its
 * own padding touches one by one. The same with the rows, where they are to be stored too.
 * @param source [images, height, width, channels]
 */
function reached(
  graph: Graph,
  source: Value,
  { strides, pads, kernel, output }: Geometry,
  withRows: boolean,
): { value: Value; margins: Pair } {
  const [images, height, width, channels] = source.shape as Shape4;
  const [rows, columns] = [0, 1].map(
    (axis) => ((output[axis + 2] as number) - 1) * (strides[axis] as number) + (kernel[axis] as number),
  ) as Pair;
  const [top, left] = pads;
  const [bottom, right] = [rows - height - top, columns - width - left];
  const [above, below] = withRows ? [top, bottom] : [0, Math.min(bottom, 0)];
  const margins: Pair = withRows ? [0, 0] : [top, Math.max(bottom, 0)];
  if ([above, left, below, right].every((count) => count === 0)) return { value: source, margins };
  const places = graph.integers([0, above, left, 0, 0, below, right, 0]);
  const shape = [images, height + above + below, columns, channels];
  return { value: graph.node('Pad', [source, places, graph.scalar(0)], shape, 'float32'), margins };
}

/** The rows under each band of dy, one band after another. */
function banded(graph: Graph, source: Value, bands: number, { strides, kernel, output }: Geometry): Value {
  if (bands === 1) return source;
  const rows = output[2] / bands;
  const height = (rows - 1) * strides[0] + kernel[0];
  const places = Array.from({ length: bands * height }, (_, row) => Math.floor(row / height) * rows * strides[0] + (row % height));
  const [images, , ...pixels] = source.shape as Shape4;
  return graph.node('Gather', [source, graph.integers(places)], [images, bands * height, ...pixels], 'float32', { axis: 1 });
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
  const { groups, bands } = cutsOf(graph, images, filters, positions, kernel[0]);
  const { value: source, margins } = reached(graph, pixels, sizes, bands > 1);
  const rows = banded(graph, source, bands, sizes);
  const [, height, width] = rows.shape as Shape4;
  const columns = toBlocks(graph, reshapeValue(graph, rows, [1, images, height, width * channels]), false);
  const ofBands = reshapeValue(graph, columns, [1, images * bands, height / bands, width * channels]);
  const filled = count === images ? whole(graph, dy, 'blocked') : toBlocks(graph, fillImages(graph, whole(graph, dy), images), true);
  const parts = groups * bands;
  const slid = convolveBlocks(
    graph,
    ofBands,
    blockKernelOfImages(graph, filled, groups, bands),
    [1, parts * filters, kernel[0], kernel[1] * channels],
    {
      strides: [1, 1],
      dilations: [strides[0], strides[1] * channels],
      pads: [margins[0], 0, margins[1], 0],
      kernel_shape: [positions[0] / bands, positions[1]],
    },
    parts,
  );
  const sums = reshapeValue(graph, fromBlocks(graph, slid, true), [...kernel, channels, parts, filters]);
  if (parts === 1) return reshapeValue(graph, sums, [...kernel, channels, filters]);
  return graph.node('ReduceSum', [sums, graph.integers([3])], [...kernel, channels, filters], 'float32', { keepdims: 0 });
}
