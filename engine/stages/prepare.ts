/** What the stages do first: find the dataset, build the network, check the weights, read the images. */
import type { SelectionProtocol, Split } from '../config.ts';
import { findDataset } from '../data/catalogue.ts';
import type { Dataset } from '../data/dataset.ts';
import { type ImageSet, loadSplit, selectionSplit } from '../data/splits.ts';
import { networkOf } from '../models/form.ts';
import type { Network } from '../models/network.ts';
import type { Model, StageContext } from '../stages.ts';
import { checkWeights } from '../weights/initial.ts';
import type { Weights } from '../weights/weights.ts';

export interface Prepared {
  dataset: Dataset;
  network: Network;
  weights: Weights;
}

/** Throws EngineError when the weights are not of the architecture. */
export function prepareModel({ dataset: name, weights, ...form }: Model): Prepared {
  const dataset = findDataset(name);
  const network = networkOf(form, dataset);
  return { dataset, network, weights: checkWeights(network, weights) };
}

export interface Wanted {
  split: Split;
  protocol: SelectionProtocol;
  trainedHere: boolean;
  images?: number;
}

/** Reads a split; says so where it has fewer images than were asked for. */
export async function readImages({ datasetsFolder, recorder }: StageContext, dataset: Dataset, wanted: Wanted): Promise<ImageSet> {
  const set = await loadSplit(dataset, datasetsFolder, wanted);
  if (wanted.images !== undefined && set.count < wanted.images)
    await recorder.line(`${wanted.images} images were asked for; ${dataset.name} ${wanted.split} has ${set.count}.`, 'warning');
  return set;
}

/** Reads the split that module, epoch and alpha are chosen on. */
export function readSelection(context: StageContext, dataset: Dataset, wanted: Omit<Wanted, 'split'>): Promise<ImageSet> {
  return readImages(context, dataset, { ...wanted, split: selectionSplit(wanted.protocol) });
}

/** An accuracy as people read it. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
