/**
 * The gradient of a convolution's kernel as one product for each of the kernel's places: the input, shifted by the place,
 * times dy, summed over all pixels of all images. For runtimes without blocked convolutions: a GPU's convolution finds
 * too little to do side by side in a kernel as large as an image.
 */
import type { Graph } from '../graph.ts';
import { permute, reshapeValue, type Traced, whole } from '../traced.ts';
import type { Value } from '../values.ts';
import type { Geometry, Shape4 } from './geometry.ts';

/** [channels, images, height, width] with zeros around each image. */
function surround(graph: Graph, value: Value, [top, left, bottom, right]: Geometry['pads']): Value {
  if (top + left + bottom + right === 0) return value;
  const [channels, images, height, width] = value.shape as Shape4;
  const pads = graph.integers([0, 0, top, left, 0, 0, bottom, right]);
  return graph.node('Pad', [value, pads, graph.scalar(0)], [channels, images, height + top + bottom, width + left + right], 'float32');
}

/** The pixels that a place of the kernel meets: [channels, pixels of all images]. */
function metBy(graph: Graph, surrounded: Value, place: [number, number], { strides, dilations, output }: Geometry): Value {
  const [channels, images, height, width] = surrounded.shape as Shape4;
  const [, , rows, columns] = output;
  const starts = place.map((at, axis) => at * (dilations[axis] as number));
  const ends = [rows, columns].map((count, axis) => (starts[axis] as number) + (count - 1) * (strides[axis] as number) + 1);
  const isAll = starts.every((start) => start === 0) && ends[0] === height && ends[1] === width && strides.join() === '1,1';
  const bounds = [starts, ends, [2, 3], strides].map((values) => graph.integers(values));
  const met = isAll ? surrounded : graph.node('Slice', [surrounded, ...bounds], [channels, images, rows, columns], 'float32');
  return reshapeValue(graph, met, [channels, images * rows * columns]);
}

/** [kernel height, kernel width, channels, filters]. */
export function shiftUnder(graph: Graph, x: Traced, dy: Traced, sizes: Geometry): Value {
  const { kernel, pads, input, output } = sizes;
  const [images, filters, rows, columns] = output;
  const channels = input[1];
  const surrounded = surround(graph, permute(graph, whole(graph, x, 'channelsFirst'), [1, 0, 2, 3]), pads);
  const pixels = reshapeValue(graph, whole(graph, dy), [images * rows * columns, filters]);
  const places = Array.from({ length: kernel[0] * kernel[1] }, (_, index): [number, number] => [
    Math.floor(index / kernel[1]),
    index % kernel[1],
  ]);
  const products = places.map((place) => {
    const product = graph.node('MatMul', [metBy(graph, surrounded, place, sizes), pixels], [channels, filters], 'float32');
    return reshapeValue(graph, product, [1, channels, filters]);
  });
  const shape = [places.length, channels, filters];
  const joined = products.length === 1 ? (products[0] as Value) : graph.node('Concat', products, shape, 'float32', { axis: 0 });
  return reshapeValue(graph, joined, [...kernel, channels, filters]);
}
