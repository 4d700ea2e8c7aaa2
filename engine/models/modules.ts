/** Modules: the named parts of a network that own a convolution or linear weight. */
import { EngineError } from '../errors.ts';
import { sizeOf } from '../ops/arrays.ts';
import { officialShape } from '../weights/state-dict.ts';
import { type Network, parametersOf } from './network.ts';

export interface NetworkModule {
  /** `layer2.0.conv1`; its tensors are `layer2.0.conv1.weight` and, where there is one, `.bias`. */
  name: string;
  /** Shape of the weight in PyTorch's layout: out x in x height x width, or out x in. */
  shape: number[];
  /** Entries of weight and bias. */
  parameters: number;
  /** Index of the block that owns it. */
  block: number;
}

/** The modules of a network in network order. */
export function modulesOf(network: Network): NetworkModule[] {
  return network.blocks.flatMap(({ parameters }, block) =>
    parameters
      .filter(({ name, shape }) => name.endsWith('.weight') && shape.length > 1)
      .map(({ name, shape }) => {
        const module = name.slice(0, -'.weight'.length);
        const bias = parameters.find((other) => other.name === `${module}.bias`);
        return { name: module, shape: officialShape(shape), parameters: sizeOf(shape) + (bias ? sizeOf(bias.shape) : 0), block };
      }),
  );
}

/** Names of the trained tensors of these modules. Throws EngineError when the network has no such module. */
export function moduleParameters(network: Network, modules: readonly string[]): string[] {
  const known = modulesOf(network);
  for (const module of modules)
    if (!known.some(({ name }) => name === module))
      throw new EngineError(
        `${network.architecture} has no module "${module}".`,
        `Its modules: ${known.map(({ name }) => name).join(', ')}.`,
      );
  return parametersOf(network)
    .filter(({ name }) => modules.some((module) => name === `${module}.weight` || name === `${module}.bias`))
    .map(({ name }) => name);
}

/** Entries that training changes; running statistics are not among them. */
export function parameterCount(network: Network): number {
  return parametersOf(network)
    .filter(({ trained }) => trained)
    .reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}
