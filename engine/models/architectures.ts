/** The architectures by name. */
import { EngineError } from '../errors.ts';
import type { Input } from './input.ts';
import type { Network } from './network.ts';
import { resnet } from './resnet.ts';
import { smallCnn } from './small-cnn.ts';
import { wideResnet } from './wide-resnet.ts';

/** A form of network. Its weights are values of their own. */
export interface Architecture {
  /** As pages write the name. */
  label: string;
  description: string;
  /** @param name what messages call the network */
  build(name: string, input: Input): Network;
}

const architectures = {
  SMALL_CNN: {
    label: 'Small CNN',
    description: 'A small convolutional network, for MNIST and for trying things out.',
    build: smallCnn,
  },
  RESNET8: {
    label: 'ResNet-8',
    description: 'ResNet of width 16 with one block a stage.',
    build: (name, input) => resnet(name, input, [1, 1, 1], 16),
  },
  RESNET18: {
    label: 'ResNet18',
    description: 'ResNet18 in its CIFAR form: 3×3 stem of 64, no max-pool.',
    build: (name, input) => resnet(name, input, [2, 2, 2, 2], 64),
  },
  RESNET34: {
    label: 'ResNet34',
    description: 'ResNet34 in its CIFAR form.',
    build: (name, input) => resnet(name, input, [3, 4, 6, 3], 64),
  },
  WRN28_10: {
    label: 'WRN28-10',
    description: 'Wide ResNet of depth 28 and width 10.',
    build: (name, input) => wideResnet(name, input, 28, 10),
  },
  WRN34_10: {
    label: 'WRN34-10',
    description: 'Wide ResNet of depth 34 and width 10.',
    build: (name, input) => wideResnet(name, input, 34, 10),
  },
} satisfies Record<string, Architecture>;

export type ArchitectureName = keyof typeof architectures;
export const architectureNames = Object.keys(architectures) as [ArchitectureName, ...ArchitectureName[]];

export const architectureOf = (name: ArchitectureName): Architecture => architectures[name];

/** The network of an architecture for images and classes of a dataset. Throws EngineError for a name that is none. */
export function buildNetwork(name: ArchitectureName, input: Input): Network {
  if (!Object.hasOwn(architectures, name))
    throw new EngineError(`There is no architecture ${name}.`, `Known architectures: ${architectureNames.join(', ')}.`);
  return architectures[name].build(name, input);
}
