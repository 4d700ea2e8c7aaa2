/** Weights that belong to a network: fresh ones, and a check of given ones. */
import { EngineError } from '../errors.ts';
import { type Network, parametersOf } from '../models/network.ts';
import type { Initialisation } from '../models/parameters.ts';
import { RandomStream } from '../random.ts';
import { officialShape } from './state-dict.ts';
import type { Weights } from './weights.ts';

function fill(data: Float32Array, initialisation: Initialisation, stream: RandomStream): Float32Array {
  if ('uniform' in initialisation) return stream.fillUniform(data, -initialisation.uniform, initialisation.uniform);
  if ('normal' in initialisation) return stream.fillNormal(data, 0, initialisation.normal);
  return data.fill(initialisation.constant);
}

/** Weights before training; every tensor has a random stream of its own. */
export function initialWeights(network: Network, seed: number): Weights {
  return Object.fromEntries(
    parametersOf(network).map(({ name, shape, initialisation }) => {
      const data = new Float32Array(shape.reduce((product, length) => product * length, 1));
      const stream = new RandomStream(seed, `initial ${name}`);
      return [name, { shape, dtype: 'float32', data: fill(data, initialisation, stream) }];
    }),
  );
}

const listed = (names: string[]) => `${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}`;

/**
 * The weights in the network's order, without entries that the official class never uses.
 * Throws EngineError when tensors are missing, unknown, of another shape, or not finite.
 */
export function checkWeights(network: Network, weights: Weights): Weights {
  const parameters = parametersOf(network);
  const names = new Set(parameters.map(({ name }) => name));
  const missing = [...names].filter((name) => !Object.hasOwn(weights, name));
  const { prefix } = network.unused ?? {};
  const isUnused = (name: string) => prefix !== undefined && name.startsWith(prefix);
  const unknown = Object.keys(weights).filter((name) => !names.has(name) && !isUnused(name));
  const hint = `Give a checkpoint of ${network.architecture} for ${network.classes} classes in the official parameter names.`;
  if (missing.length > 0) throw new EngineError(`The checkpoint lacks ${listed(missing)} of ${network.architecture}.`, hint);
  if (unknown.length > 0) throw new EngineError(`The checkpoint has ${listed(unknown)}, which ${network.architecture} does not.`, hint);
  const entries = parameters.map(({ name, shape }) => {
    const array = weights[name] as Weights[string];
    if (array.shape.join() !== shape.join())
      throw new EngineError(
        `${name} has the shape [${officialShape(array.shape).join(', ')}], expected [${officialShape(shape).join(', ')}] (PyTorch's layout).`,
        hint,
      );
    const wrong = array.data.findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0) throw new EngineError(`${name} holds ${array.data[wrong]} at entry ${wrong}; weights must be finite.`, hint);
    return [name, array] as const;
  });
  return Object.fromEntries(entries);
}
