/** Networks that are described layer by layer. */
import type * as tf from '@tensorflow/tfjs-core';
import type { Input } from '../input.ts';
import { normalisePixels } from '../layers.ts';
import type { Block, Network } from '../network.ts';
import { OptionsError } from '../options-error.ts';
import type { SequentialOptions } from './layer-options.ts';
import { type Part, partsOf } from './parts.ts';

const ownsModule = ({ parameters }: Part) => parameters.some(({ shape }) => shape.length > 1);

/** Every block begins with a part that owns a module; what comes before the first one belongs to its block. */
function groups(parts: Part[]): Part[][] {
  const grouped: Part[][] = [[]];
  for (const part of parts) {
    const last = grouped.at(-1) as Part[];
    if (ownsModule(part) && last.some(ownsModule)) grouped.push([part]);
    else last.push(part);
  }
  return grouped;
}

/** Throws OptionsError when the layers do not fit each other, the images or the classes. */
export function sequential(architecture: string, { shape, classes, normalisation }: Input, { layers }: SequentialOptions): Network {
  const parts = partsOf(layers, { shape, path: ['layers'], prefix: '', classes });
  const end = parts.at(-1)?.shape as readonly number[];
  if (end.join() !== String(classes))
    throw new OptionsError(`The last layer gives [${end.join(', ')}]; the dataset has ${classes} classes.`, ['layers', layers.length - 1]);
  const names = parts.flatMap(({ parameters }) => parameters.map(({ name }) => name));
  const again = names.find((name, index) => names.indexOf(name) < index);
  if (again !== undefined) throw new OptionsError(`Two layers have weights of the name ${again}.`, ['layers']);
  if (!parts.some(ownsModule)) throw new OptionsError('No layer has a weight: a network needs a conv or linear layer.', ['layers']);
  const blocks = groups(parts).map(
    (group, index): Block => ({
      name: group.flatMap(({ parameters }) => parameters)[0]?.name ?? String(index),
      parameters: group.flatMap(({ parameters }) => parameters),
      apply: (weights, hidden, mode) =>
        group.reduce(
          (value, part) => part.apply(weights, value, mode),
          index === 0 ? normalisePixels(hidden as tf.Tensor4D, normalisation) : hidden,
        ),
    }),
  );
  return { architecture, inputShape: shape, classes, blocks };
}
