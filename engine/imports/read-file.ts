/** From a file of somebody else's program to a network's weights in the official names. Runs in a process of its own. */
import { closeSync, fstatSync, openSync } from 'node:fs';
import { type ArchitectureName, trainingConfig, type Variant, variantNames } from '../config.ts';
import { datasets } from '../data/catalogue.ts';
import { EngineError } from '../errors.ts';
import { architectureNames } from '../models/architectures.ts';
import { parameterCount } from '../models/modules.ts';
import { type CheckpointFile, openCheckpointFile } from '../weights/foreign-file.ts';
import { fileSource } from '../weights/pytorch/source.ts';
import { PlaceError } from '../weights/pytorch/state-dicts.ts';
import { convert } from './convert.ts';
import type { Found, ReadRequest } from './messages.ts';
import { recognise } from './recognise.ts';
import { ImportRefusal } from './refusal.ts';

/** Throws ImportRefusal when the file holds no weights that can be used as they are asked for. */
export function readFile(request: ReadRequest): Found {
  const descriptor = openSync(request.file, 'r');
  try {
    const file = open(descriptor, request.stateDict);
    const said = saidBy(file);
    const { architectureOptions, architecture = said.architecture, dataset = said.dataset, variant = said.variant } = request;
    const found = recognise(file.tensors, { architecture, architectureOptions, dataset });
    const training = variant === said.variant ? said.training : undefined;
    const about = { architecture: found.architecture, dataset: found.dataset.name, variant, training };
    const write = (path: string) => blamingFile(() => convert({ ...found, tensors: file.tensors }, about, path));
    return {
      format: file.format,
      stateDict: file.path,
      otherStateDicts: file.otherPaths,
      architecture: found.architecture,
      architectureOptions: found.architectureOptions,
      dataset: found.dataset.name,
      otherDatasets: found.otherDatasets,
      variant: variant ?? null,
      parameters: parameterCount(found.network),
      written: request.output === undefined ? null : write(request.output),
    };
  } finally {
    closeSync(descriptor);
  }
}

function open(descriptor: number, stateDict: string | undefined): CheckpointFile {
  const source = fileSource(descriptor, fstatSync(descriptor).size);
  return blamingFile(() => openCheckpointFile(source, stateDict));
}

/** What is wrong with the bytes, and no matter of how they are taken, is the file's fault. */
function blamingFile<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (error instanceof ImportRefusal || !(error instanceof EngineError)) throw error;
    throw new ImportRefusal(error instanceof PlaceError ? 'stateDict' : 'file', error.message, error.hint);
  }
}

interface Said {
  architecture?: ArchitectureName | undefined;
  dataset?: string | undefined;
  variant?: Variant | undefined;
  /** JSON. */
  training?: string | undefined;
}

/** What a file that was downloaded from a RiftLab says of itself, as far as it is known here. */
function saidBy({ metadata }: CheckpointFile): Said {
  const known = <Name extends string>(names: readonly Name[], name: string | undefined) => names.find((one) => one === name);
  const architecture = known(architectureNames, metadata.architecture);
  const dataset = known(Object.keys(datasets), metadata.dataset);
  const variant = known(variantNames, metadata.variant);
  const training = isTraining(metadata.training, { architecture, dataset }) ? metadata.training : undefined;
  return { architecture, dataset, variant, training };
}

function isTraining(text: string | undefined, about: object): boolean {
  try {
    return text !== undefined && trainingConfig.safeParse({ ...JSON.parse(text), ...about }).success;
  } catch {
    return false;
  }
}
