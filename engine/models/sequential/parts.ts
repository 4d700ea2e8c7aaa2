/** From the layers of SEQUENTIAL to what they own and do. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensors } from '../../backends/backend.ts';
import { activations, leakyRelu } from '../../ops/activation.ts';
import { sizeOf } from '../../ops/arrays.ts';
import type { Padding } from '../../ops/convolution.ts';
import { averagePooling, globalAveragePooling, maxPooling, windowsOf } from '../../ops/pooling.ts';
import { convolve, convolveNormalised, normalise, rowsOfMaps, transform, transformUnbiased } from '../layers.ts';
import type { Mode } from '../network.ts';
import { OptionsError } from '../options-error.ts';
import { bias, kernel, linearParameters, normalisationParameters, type Parameter } from '../parameters.ts';
import type { Layer, Residual } from './layer-options.ts';

type Path = readonly (string | number)[];
type LayerOf<Type extends Layer['type']> = Extract<Layer, { type: Type }>;

/** One layer, or a convolution together with the normalisation behind it. */
export interface Part {
  parameters: Parameter[];
  apply(weights: Tensors, x: tf.Tensor, mode: Mode): tf.Tensor;
  /** Shape of what comes out for one image: [height, width, channels], or [features]. */
  shape: readonly number[];
}

/** Where a layer stands: the shape that goes in, its place in the options, and the prefix of its names. */
interface Place {
  shape: readonly number[];
  path: Path;
  prefix: string;
  classes: number;
}

const shown = (shape: readonly number[]) => (shape.length === 3 ? `maps of ${shape[0]}×${shape[1]}×${shape[2]}` : `${shape[0]} numbers`);

function mapsAt({ shape, path }: Place, what: string): readonly [number, number, number] {
  if (shape.length !== 3) throw new OptionsError(`${what} needs maps, and gets ${shown(shape)}.`, path);
  return shape as readonly [number, number, number];
}

function rowAt({ shape, path }: Place, what: string): number {
  if (shape.length !== 1)
    throw new OptionsError(
      `${what} needs a row of numbers, and gets ${shown(shape)}.`,
      path,
      'Put "flatten" or "globalAveragePool" before it.',
    );
  return shape[0] as number;
}

const plainly = (shape: readonly number[], compute: (x: tf.Tensor) => tf.Tensor): Part => ({
  parameters: [],
  apply: (_weights, x) => compute(x),
  shape,
});

const sidesOf = (padding: LayerOf<'conv'>['padding']): Padding =>
  typeof padding === 'number' ? padding : { left: padding[0], right: padding[1], top: padding[2], bottom: padding[3] };

/** normalisation: the layer behind, where that is one. */
function convolution(layer: LayerOf<'conv'>, place: Place, normalisation?: string): Part {
  const [height, width, channels] = mapsAt(place, 'A convolution');
  const { kernel: size, filters, stride } = layer;
  const padding = sidesOf(layer.padding);
  const { top, bottom, left, right } =
    typeof padding === 'number' ? { top: padding, bottom: padding, left: padding, right: padding } : padding;
  const [tall, wide] = [height + top + bottom, width + left + right];
  if (size > Math.min(tall, wide))
    throw new OptionsError(
      `A kernel of ${size}×${size} does not fit on ${shown(place.shape)}${tall > height ? `, padded to ${tall}×${wide}` : ''}.`,
      [...place.path, 'kernel'],
    );
  const module = place.prefix;
  const geometry = { stride, padding, biased: layer.bias };
  const within = { uniform: 1 / Math.sqrt(size * size * channels) };
  return {
    parameters: [
      kernel(module, size, channels, filters),
      ...(layer.bias ? [bias(module, filters, within)] : []),
      ...(normalisation ? normalisationParameters(normalisation, filters) : []),
    ],
    apply: (weights, x, mode) => {
      if (normalisation) return convolveNormalised(weights, module, normalisation, x as tf.Tensor4D, geometry, mode);
      return convolve(weights, module, x as tf.Tensor4D, geometry);
    },
    shape: [Math.floor((tall - size) / stride) + 1, Math.floor((wide - size) / stride) + 1, filters],
  };
}

function linear(layer: LayerOf<'linear'>, place: Place): Part {
  const outputs = layer.outputs ?? place.classes;
  const parameters = linearParameters(place.prefix, rowAt(place, 'A linear layer'), outputs);
  return {
    parameters: layer.bias ? parameters : parameters.slice(0, 1),
    apply: (weights, x) => (layer.bias ? transform : transformUnbiased)(weights, place.prefix, x as tf.Tensor2D),
    shape: [outputs],
  };
}

function pooling(layer: LayerOf<'maxPool' | 'averagePool'>, place: Place): Part {
  const [height, width, channels] = mapsAt(place, 'Pooling');
  const windows = { size: layer.size, stride: layer.stride ?? layer.size, padding: layer.padding };
  if (2 * windows.padding > windows.size)
    throw new OptionsError(`Padding of ${windows.padding} is more than half of a window of ${windows.size}.`, [...place.path, 'padding']);
  const shape = [windowsOf(height, windows), windowsOf(width, windows), channels];
  if (Math.min(...shape) < 1)
    throw new OptionsError(`A window of ${layer.size}×${layer.size} does not fit on ${shown(place.shape)}.`, [...place.path, 'size']);
  const pool = layer.type === 'maxPool' ? maxPooling : averagePooling;
  return plainly(shape, (x) => pool(x as tf.Tensor4D, windows));
}

function residual(layer: Residual, place: Place): Part {
  const inner = (list: 'layers' | 'shortcut') =>
    partsOf(layer[list], {
      ...place,
      path: [...place.path, list],
      prefix: list === 'layers' && layer.name ? place.prefix : `${place.prefix}.${list}`,
    });
  const [body, shortcut] = [inner('layers'), inner('shortcut')];
  const ends = [body, shortcut].map((parts) => parts.at(-1)?.shape ?? place.shape) as [readonly number[], readonly number[]];
  if (ends[0].join() !== ends[1].join())
    throw new OptionsError(`The layers give ${shown(ends[0])}, their shortcut ${shown(ends[1])}; these cannot be added.`, [
      ...place.path,
      'shortcut',
    ]);
  const run = (parts: Part[], weights: Tensors, x: tf.Tensor, mode: Mode) =>
    parts.reduce((value, part) => part.apply(weights, value, mode), x);
  return {
    parameters: [...body, ...shortcut].flatMap(({ parameters }) => parameters),
    apply: (weights, x, mode) => tf.add(run(body, weights, x, mode), run(shortcut, weights, x, mode)),
    shape: ends[0],
  };
}

function partOf(layer: Layer, place: Place, behind?: string): Part {
  const { shape } = place;
  switch (layer.type) {
    case 'conv':
      return convolution(layer, place, behind);
    case 'linear':
      return linear(layer, place);
    case 'residual':
      return residual(layer, place);
    case 'batchNorm':
      return {
        parameters: normalisationParameters(place.prefix, shape.at(-1) as number),
        apply: (weights, x, mode) => normalise(weights, place.prefix, x, mode),
        shape,
      };
    case 'maxPool':
    case 'averagePool':
      return pooling(layer, place);
    case 'globalAveragePool':
      return plainly([mapsAt(place, 'Pooling')[2]], (x) => globalAveragePooling(x as tf.Tensor4D));
    case 'flatten':
      return plainly([sizeOf(shape)], rowsOfMaps);
    case 'leakyRelu':
      return plainly(shape, (x) => leakyRelu(x, layer.slope));
    default:
      return plainly(shape, activations[layer.type]);
  }
}

/** The parts of a list of layers; a batch normalisation behind a convolution becomes part of it. */
export function partsOf(layers: readonly Layer[], { shape: first, path, prefix, classes }: Place): Part[] {
  const parts: Part[] = [];
  let shape = first;
  const nameOf = (index: number) => {
    const layer = layers[index] as Layer;
    const own = ('name' in layer ? layer.name : undefined) ?? String(index);
    return prefix === '' ? own : `${prefix}.${own}`;
  };
  for (let index = 0; index < layers.length; index++) {
    const layer = layers[index] as Layer;
    const normalised = layer.type === 'conv' && layers[index + 1]?.type === 'batchNorm';
    const part = partOf(
      layer,
      { shape, path: [...path, index], prefix: nameOf(index), classes },
      normalised ? nameOf(index + 1) : undefined,
    );
    parts.push(part);
    shape = part.shape;
    if (normalised) index++;
  }
  return parts;
}
