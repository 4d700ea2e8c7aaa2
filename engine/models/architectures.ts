/** The architectures by name. */
import type { ArchitectureName } from '../config.ts';
import { EngineError } from '../errors.ts';
import type { Input } from './input.ts';
import type { Network } from './network.ts';
import { resnet } from './resnet.ts';
import { smallCnn } from './small-cnn.ts';
import { wideResnet } from './wide-resnet.ts';

const builders: Record<ArchitectureName, (input: Input) => Network> = {
  SMALL_CNN: (input) => smallCnn('SMALL_CNN', input),
  RESNET8: (input) => resnet('RESNET8', input, [1, 1, 1], 16),
  RESNET18: (input) => resnet('RESNET18', input, [2, 2, 2, 2], 64),
  RESNET34: (input) => resnet('RESNET34', input, [3, 4, 6, 3], 64),
  WRN28_10: (input) => wideResnet('WRN28_10', input, 28, 10),
  WRN34_10: (input) => wideResnet('WRN34_10', input, 34, 10),
};

/**
 * The network of an architecture for images and classes of a dataset. Its weights are values of their own.
 * Throws EngineError for a name that a record has but this version does not know.
 */
export function buildNetwork(architecture: ArchitectureName, input: Input): Network {
  if (!Object.hasOwn(builders, architecture))
    throw new EngineError(`There is no architecture ${architecture}.`, `Known architectures: ${Object.keys(builders).join(', ')}.`);
  return builders[architecture](input);
}
