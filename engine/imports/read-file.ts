/** From a file of somebody else's program to a network's weights in the official names. Runs in a process of its own. */
import { closeSync, fstatSync, openSync } from 'node:fs';
import { describeDatasets, findDataset } from '../data/catalogue.ts';
import { EngineError } from '../errors.ts';
import { checkGivenOptions, checkOptions } from '../models/architectures.ts';
import { normalisationOf } from '../models/form.ts';
import { parameterCount } from '../models/modules.ts';
import { OptionsError } from '../models/options-error.ts';
import { type CheckpointFile, openCheckpointFile } from '../weights/foreign-file.ts';
import { fileSource } from '../weights/pytorch/source.ts';
import { PlaceError } from '../weights/pytorch/state-dicts.ts';
import { convert } from './convert.ts';
import type { Found, ReadRequest } from './messages.ts';
import { normalisationIn } from './normalisation.ts';
import { type Recognised, recognise } from './recognise.ts';
import { type Fault, ImportRefusal } from './refusal.ts';
import { saidBy } from './said.ts';

/** Throws ImportRefusal when the file holds no weights that can be used as they are asked for. */
export function readFile(request: ReadRequest): Found {
  describeDatasets(request.ownDatasets);
  blaming('dataset', () => request.dataset !== undefined && findDataset(request.dataset));
  blaming('architectureOptions', () => request.architecture && checkGivenOptions(request.architecture, request.architectureOptions ?? {}));
  const descriptor = openSync(request.file, 'r');
  try {
    const file = open(descriptor, request.stateDict);
    const { said, found } = look(file, request);
    const { variant = said.variant } = request;
    const { architecture, dataset } = found;
    const architectureOptions = checkOptions(architecture, found.architectureOptions);
    const given = request.normalisation ?? normalisationIn(file.tensors, found.normalisation, dataset.shape[2]) ?? said.normalisation;
    const normalisation = blaming('normalisation', () =>
      normalisationOf({ architecture, ...(given && { normalisation: given }) }, dataset),
    );
    const training = variant === said.variant ? said.training : undefined;
    const about = { architecture, architectureOptions, normalisation, dataset: dataset.name, variant, training };
    const write = (path: string) => blaming('file', () => convert({ ...found, tensors: file.tensors }, about, path));
    return {
      format: file.format,
      stateDict: file.path,
      otherStateDicts: file.otherPaths,
      ...{ architecture, architectureOptions, normalisation },
      dataset: dataset.name,
      otherDatasets: found.otherDatasets,
      assumed: found.assumed ?? [],
      variant: variant ?? null,
      parameters: parameterCount(found.network),
      written: request.output === undefined ? null : write(request.output),
    };
  } finally {
    closeSync(descriptor);
  }
}

/** What the file says of itself is believed where its weights are those of the network that it names, or the caller names another. */
function look(file: CheckpointFile, request: ReadRequest): { said: ReturnType<typeof saidBy>; found: Recognised } {
  const said = saidBy(file);
  const alone = () => ({ said: {}, found: recognise(file.tensors, wishOf(request, {})) });
  if (said.architecture === undefined) return alone();
  try {
    return { said, found: recognise(file.tensors, wishOf(request, said)) };
  } catch (error) {
    if (error instanceof ImportRefusal && request.architecture === undefined) return alone();
    throw error;
  }
}

/** What the caller says goes before what the file says. */
function wishOf({ architecture, architectureOptions, dataset }: ReadRequest, said: ReturnType<typeof saidBy>) {
  const network = architecture ? { architecture, architectureOptions } : said;
  return { architecture: network.architecture, architectureOptions: network.architectureOptions, dataset: dataset ?? said.dataset };
}

function open(descriptor: number, stateDict: string | undefined): CheckpointFile {
  const source = fileSource(descriptor, fstatSync(descriptor).size);
  return blaming('file', () => openCheckpointFile(source, stateDict));
}

/** What is wrong is this one's fault, unless the error knows better. */
function blaming<Result>(fault: Fault, act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    if (error instanceof ImportRefusal || !(error instanceof EngineError)) throw error;
    const place = error instanceof OptionsError ? error.path : [];
    throw new ImportRefusal(error instanceof PlaceError ? 'stateDict' : fault, error.message, error.hint, place);
  }
}
