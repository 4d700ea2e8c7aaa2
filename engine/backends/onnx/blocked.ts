/**
 * The blocked layout of the runtime's own convolutions: channels in blocks, as [images, channels / block, height, width,
 * block]. The runtime's blocked operators are used directly, so that every kernel of a step, also one that is no
 * constant, is convolved at full speed, and what lies between two convolutions stays in blocks.
 * A blocked value goes by its shape with channels first, [images, channels, height, width].
 */
import type { Graph } from './graph.ts';
import { blockedDomain, type ElementType, type Value } from './values.ts';

/** Whether values of so many channels can be blocked. */
export const fitsBlocks = ({ block }: Graph, channels: number) => block > 1 && channels % block === 0;

const castCodes: Partial<Record<ElementType, number>> = { float32: 1, int32: 6, bool: 9 };

/** The runtime reorders floats only; other values pass through them. */
function asFloats(graph: Graph, value: Value, reorder: (floats: Value) => Value): Value {
  const { shape, type } = value;
  if (type === 'float32') return reorder(value);
  const reordered = reorder(graph.node('Cast', [value], shape, 'float32', { to: castCodes.float32 as number }));
  return graph.node('Cast', [reordered], reordered.shape, type, { to: castCodes[type] as number });
}

/** One block of channels lies in the same order as channels that come last: only the shape by which it goes changes. */
function seenAs(graph: Graph, value: Value, shape: number[]): Value {
  const origin = graph.producerOf(value);
  const source = origin?.operator === 'Reshape' ? origin.inputs[0] : undefined;
  if (source?.shape.join() === shape.join()) return source as Value;
  return graph.node('Reshape', [value, graph.integers(shape)], shape, value.type);
}

/** From [images, channels, height, width] (or, with channelsLast, [images, height, width, channels]) to blocks. */
export function toBlocks(graph: Graph, value: Value, channelsLast: boolean): Value {
  const origin = graph.producerOf(value);
  const [images, height, width, channels] = (channelsLast ? value.shape : [0, 2, 3, 1].map((axis) => value.shape[axis])) as number[];
  const source = origin?.inputs[0];
  const isBack = origin?.operator === 'ReorderOutput' && origin.attributes.channels_last === Number(channelsLast);
  if (isBack && source?.shape[1] === channels) return source as Value;
  const shape = [images, channels, height, width] as number[];
  if (channelsLast && channels === graph.block) return seenAs(graph, value, shape);
  return asFloats(graph, value, (floats) =>
    graph.node('ReorderInput', [floats], shape, 'float32', { channels_last: Number(channelsLast) }, blockedDomain),
  );
}

/** From blocks to [images, channels, height, width] or, with channelsLast, [images, height, width, channels]; the first channels only. */
export function fromBlocks(graph: Graph, value: Value, channelsLast: boolean, channels = value.shape[1] as number): Value {
  const [images, , height, width] = value.shape as number[];
  const shape = (channelsLast ? [images, height, width, channels] : [images, channels, height, width]) as number[];
  if (channelsLast && channels === graph.block && value.shape[1] === channels) return seenAs(graph, value, shape);
  return asFloats(graph, value, (floats) =>
    graph.node('ReorderOutput', [floats], shape, 'float32', { channels, channels_last: Number(channelsLast) }, blockedDomain),
  );
}

/** The shape that shows the blocks. */
export const blockShape = ({ block }: Graph, [images, channels, height, width]: readonly number[]): number[] =>
  [images, (channels as number) / block, height, width, block] as number[];

const depthwise = (channels: number, kernel = [1, 1]) => ({
  group: channels,
  kernel_shape: kernel,
  strides: [1, 1],
  dilations: [1, 1],
  pads: [0, 0, 0, 0],
});

/** Every channel of a blocked value times its factor, [channels]. */
export function scaleChannels(graph: Graph, value: Value, factors: Value): Value {
  const channels = value.shape[1] as number;
  const kernel = graph.node('Reshape', [factors, graph.integers([channels, 1, 1, 1])], [channels, 1, 1, 1], 'float32');
  return graph.node('Conv', [value, kernel], value.shape, 'float32', depthwise(channels), blockedDomain);
}

/** Every channel of a blocked value plus its summand, [channels]; merges with the convolution in front where it can. */
export function shiftChannels(graph: Graph, value: Value, summands: Value): Value {
  const channels = value.shape[1] as number;
  const ones = graph.literal(
    Array.from({ length: channels }, () => 1),
    [channels, 1, 1, 1],
    'float32',
  );
  return graph.node('ChannelAdd', [value, summands, ones], value.shape, 'float32', depthwise(channels), 'merged');
}

/**
 * Of two blocked values, the sum of their product over the positions of every channel of every image, [images, channels], in one pass:
 * a convolution in which one of them is the kernel.
 */
export function sumOfBlockProducts(graph: Graph, first: Value, second: Value): Value {
  const [images, channels, ...positions] = first.shape as [number, number, number, number];
  const all = images * channels;
  const [shown, kernel] = [
    graph.node('Reshape', [first, graph.integers([1, all, ...positions])], [1, all, ...positions], 'float32'),
    graph.node('Reshape', [second, graph.integers([all, 1, ...positions])], [all, 1, ...positions], 'float32'),
  ];
  const sums = graph.node('Conv', [shown, kernel], [1, all, 1, 1], 'float32', depthwise(all, positions), blockedDomain);
  return graph.node('Reshape', [sums, graph.integers([images, channels])], [images, channels], 'float32');
}

interface ConvolutionSizes {
  strides: number[];
  dilations: number[];
  pads: number[];
  kernel_shape: number[];
}

/**
 * A kernel [kernel height, kernel width, channels, filters] as the blocked convolution wants it: with the channels and the
 * filters in blocks or, where there are fewer channels than a block has, with the filters alone in blocks.
 */
export function blockKernel(graph: Graph, kernel: Value): Value {
  const { block } = graph;
  const [height, width, channels, filters] = kernel.shape as [number, number, number, number];
  const nominal = [filters, channels, height, width];
  return channels % block === 0
    ? rearrange(graph, kernel, [height, width, channels / block, block, filters / block, block], [4, 2, 0, 1, 3, 5], nominal)
    : rearrange(graph, kernel, [height, width, channels, filters / block, block], [3, 2, 0, 1, 4], nominal);
}

/**
 * The kernel of blocked values whose images, which fill blocks, are its channels and whose channels are its filters: one
 * kernel after another for each of the groups into which the images are cut, and in these for each band of rows.
 */
export function blockKernelOfImages(graph: Graph, value: Value, groups: number, bands: number): Value {
  const { block } = graph;
  const [images, channels, height, width] = value.shape as [number, number, number, number];
  const split = [groups, images / block / groups, block, channels / block, bands, height / bands, width, block];
  const nominal = [groups * bands * channels, images / groups, height / bands, width];
  return rearrange(graph, value, split, [0, 4, 3, 1, 5, 6, 2, 7], nominal);
}

/** The value seen with the axes of split, these in another order, and the result seen as the nominal shape. */
function rearrange(graph: Graph, value: Value, split: number[], order: number[], nominal: number[]): Value {
  const shown = graph.node('Reshape', [value, graph.integers(split)], split, 'float32');
  const shape = order.map((axis) => split[axis] as number);
  const ordered = graph.node('Transpose', [shown], shape, 'float32', { perm: order });
  return graph.node('Reshape', [ordered, graph.integers(nominal)], nominal, 'float32');
}

/**
 * Convolution into blocks.
 * @param value blocked, or with channels first where there are fewer channels than a block has
 * @param kernel from blockKernel or blockKernelOfImages
 * @param group groups of channels, each with filters of its own
 */
export function convolveBlocks(graph: Graph, value: Value, kernel: Value, output: number[], sizes: ConvolutionSizes, group = 1): Value {
  return graph.node('Conv', [value, kernel], output, 'float32', { ...sizes, group }, blockedDomain);
}
