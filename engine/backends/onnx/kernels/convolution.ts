/** Convolution and its two gradients, with channels before positions. */
import { blockKernel, convolveBlocks, fitsBlocks, fromBlocks } from '../blocked.ts';
import type { Graph } from '../graph.ts';
import { permute, plain, type Traced, toPlain, whole } from '../traced.ts';
import { traceKernel } from '../tracer.ts';
import type { Value } from '../values.ts';
import { type Geometry, geometry, type Pair, type Shape4 } from './geometry.ts';
import { shiftUnder } from './shifts.ts';
import { slideInBlocks, slidesInBlocks } from './slide.ts';
import { putInPlaces, smallConvolution, spread, spreadsInBlocks, spreadsToImages } from './spread.ts';
import { turn } from './turn.ts';

const channelsFirst = (value: Value): Traced => ({
  value,
  shape: toPlain.map((axis) => value.shape[axis] as number),
  layout: 'channelsFirst',
});

const blocked = (value: Value): Traced => ({ ...channelsFirst(value), layout: 'blocked' });

/** The kernel with its filters filled up with zeros to a full block. */
function fillBlock(graph: Graph, kernel: Value): Value {
  const [height, width, channels, filters] = kernel.shape as [number, number, number, number];
  const missing = (graph.block - (filters % graph.block)) % graph.block;
  if (missing === 0) return kernel;
  const pads = [...Array.from({ length: 7 }, () => 0), missing];
  const shape = [height, width, channels, filters + missing];
  return graph.node('Pad', [kernel, graph.integers(pads), graph.scalar(0)], shape, 'float32');
}

/** Whether the runtime's blocked convolution takes so many channels and is worth its padding of the filters. */
function takesBlocks(graph: Graph, channels: number): boolean {
  return fitsBlocks(graph, channels) || channels < graph.block;
}

/** Convolution with a kernel [kernel height, kernel width, channels, filters]. */
function convolve(graph: Graph, x: Traced, kernel: Value, output: Shape4, sizes: Pick<Geometry, 'strides' | 'dilations' | 'pads'>): Traced {
  const [height, width, channels, filters] = kernel.shape as Shape4;
  const { strides, dilations, pads } = sizes;
  const attributes = { strides, dilations, pads, kernel_shape: [height, width] };
  if (graph.block > 1 && takesBlocks(graph, channels) && (fitsBlocks(graph, filters) || fitsBlocks(graph, channels))) {
    const filled = fillBlock(graph, kernel);
    const operand = whole(graph, x, fitsBlocks(graph, channels) ? 'blocked' : 'channelsFirst');
    const [images, , ...positions] = output;
    const result = convolveBlocks(
      graph,
      operand,
      blockKernel(graph, filled),
      [images, filled.shape[3] as number, ...positions],
      attributes,
    );
    return filled === kernel ? blocked(result) : channelsFirst(fromBlocks(graph, result, false, filters));
  }
  const operands = [whole(graph, x, 'channelsFirst'), permute(graph, kernel, [3, 2, 0, 1])];
  return channelsFirst(graph.node('Conv', operands, output, 'float32', attributes));
}

traceKernel('Conv2D', ['x', 'filter'], (graph, [x, filter], attributes) => {
  const sizes = geometry((x as Traced).shape, (filter as Traced).shape, attributes);
  return convolve(graph, x as Traced, whole(graph, filter as Traced), sizes.output, sizes);
});

/** The kernel turned by 180 degrees, channels and filters exchanged. */
function turned(graph: Graph, kernel: Value): Value {
  const exchanged = permute(graph, kernel, [0, 1, 3, 2]);
  return kernel.shape[0] === 1 && kernel.shape[1] === 1 ? exchanged : turn(graph, exchanged);
}

/** At stride 1 the gradient is a convolution with the turned kernel, at stride 2 one that spreads, otherwise the runtime's transposed one. */
traceKernel('Conv2DBackpropInput', ['dy', 'filter'], (graph, [dy, filter], attributes) => {
  const sizes = geometry(attributes.inputShape as number[], (filter as Traced).shape, attributes);
  const { strides, dilations, pads, kernel, input, output } = sizes;
  const isDense = strides.join() === '1,1' && dilations.join() === '1,1';
  const margins = [kernel[0] - 1 - pads[0], kernel[1] - 1 - pads[1], kernel[0] - 1 - pads[2], kernel[1] - 1 - pads[3]] as Geometry['pads'];
  if (isDense && margins.every((margin) => margin >= 0))
    return convolve(graph, dy as Traced, turned(graph, whole(graph, filter as Traced)), input, { strides, dilations, pads: margins });
  if (spreadsInBlocks(graph, sizes))
    return blocked(spread(graph, whole(graph, dy as Traced, 'blocked'), whole(graph, filter as Traced), sizes));
  if (spreadsToImages(graph, sizes)) {
    const { small, sizes: ofSmall } = smallConvolution(graph, whole(graph, filter as Traced), sizes);
    const [images, , ...positions] = output;
    const kinds = convolve(graph, dy as Traced, fillBlock(graph, small), [images, graph.block, ...positions], ofSmall);
    return channelsFirst(putInPlaces(graph, fromBlocks(graph, whole(graph, kinds, 'blocked'), false, 4 * input[1]), sizes));
  }
  const gradient = whole(graph, dy as Traced, 'channelsFirst');
  const reached = [0, 1].map((axis) => {
    const covered =
      ((output[axis + 2] as number) - 1) * (strides[axis] as number) + ((kernel[axis] as number) - 1) * (dilations[axis] as number) + 1;
    return (input[axis + 2] as number) - (covered - (pads[axis] as number) - (pads[axis + 2] as number));
  });
  return channelsFirst(
    graph.node('ConvTranspose', [gradient, permute(graph, whole(graph, filter as Traced), [3, 2, 0, 1])], input, 'float32', {
      strides,
      dilations,
      pads,
      kernel_shape: kernel,
      output_padding: reached,
    }),
  );
});

/**
 * The gradient of the kernel is a convolution too: images and channels change places, dy is the kernel, and the strides
 * become its dilations. It may reach further than the kernel did, where the stride left a rest of the input out.
 */
function slideUnder(graph: Graph, x: Traced, dy: Traced, { strides, dilations, pads, kernel, input, output }: Geometry): Value {
  const source = permute(graph, whole(graph, x, 'channelsFirst'), [1, 0, 2, 3]);
  const reach = ([0, 1] as const).map((axis) => {
    const [side, positions] = [input[axis === 0 ? 2 : 3], output[axis === 0 ? 2 : 3]];
    const free = side + pads[axis] + pads[axis === 0 ? 2 : 3] - (positions - 1) * strides[axis] - 1;
    return Math.floor(free / dilations[axis]) + 1;
  }) as Pair;
  const sizes = { strides: dilations, dilations: strides, pads };
  const turnedDy = permute(graph, whole(graph, dy), [1, 2, 0, 3]);
  const slid = whole(graph, convolve(graph, channelsFirst(source), turnedDy, [input[1], output[1], ...reach], sizes));
  const bounds = [[0, 0], kernel, [1, 2]].map((values) => graph.integers(values));
  const exact = [input[1], ...kernel, output[1]];
  const cut = reach.join() === kernel.join() ? slid : graph.node('Slice', [slid, ...bounds], exact, 'float32');
  return permute(graph, cut, [1, 2, 0, 3]);
}

traceKernel('Conv2DBackpropFilter', ['x', 'dy'], (graph, [x, dy], attributes) => {
  const sizes = geometry((x as Traced).shape, attributes.filterShape as Shape4, attributes);
  const plainly = graph.block === 1 ? shiftUnder : slideUnder;
  const gradient = slidesInBlocks(graph, sizes) ? slideInBlocks : plainly;
  return plain(gradient(graph, x as Traced, dy as Traced, sizes));
});
