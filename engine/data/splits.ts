/**
 * The splits train, holdout and test, the same for every run.
 *
 * Of a network trained here, holdout is the first tenth of one fixed permutation of the official training images, train the
 * rest of it, and test the official test images in their order. A network from elsewhere has seen every training image: with
 * HOLD_OUT its holdout is a fixed random half of the official test images and test the other half; its train is all
 * training images, those of `train` first.
 */
import { createHash } from 'node:crypto';
import type { SelectionProtocol, Split } from '../config.ts';
import { RandomStream } from '../random.ts';
import type { Content, Dataset, ImageShape, Part } from './dataset.ts';
import type { Pixels } from './pixels.ts';

const splitSeed = 20230814;
const holdoutFraction = 0.1;

/** Where images were taken from. */
export interface ImageSource {
  dataset: string;
  /** `test`, `holdout`, `holdout half of test` ... */
  name: string;
  /** SHA-256 of the split's content. */
  sha256: string;
  /** Whether these are the official images; null where that cannot be told. */
  official: boolean | null;
  /** Where the corruption of corrupted images comes from: a published collection with its content, or the engine itself. */
  corrupted?: { by: string; seed?: number; version?: number; sha256?: string; official?: boolean | null };
}

/** Images and labels; bytes until a batch is made of them. */
export interface ImageSet {
  dataset: string;
  split: Split;
  part: Part;
  /** Which images these are, as people read it: `cifar10 holdout[0:1000]`. */
  description: string;
  /** The same for a fingerprint: name and content of what the images were cut from; `count` of them were taken from the front. */
  source: ImageSource;
  shape: ImageShape;
  classes: number;
  count: number;
  pixels: Pixels;
  labels: Int32Array;
  /** Position of each image in its official part; names its random streams. */
  positions: Int32Array;
}

export interface SplitRequest {
  split: Split;
  protocol: SelectionProtocol;
  /** Whether the network's training left holdout out. */
  trainedHere: boolean;
  /** Images taken from the front; all when absent or more than there are. */
  images?: number;
}

/** The split that chooses module, epoch and alpha. */
export function selectionSplit(protocol: SelectionProtocol): Split {
  return protocol === 'PAPER' ? 'test' : 'holdout';
}

/** Sizes of the splits of a network trained here. */
export function splitSizes(dataset: Dataset): { name: Split; images: number }[] {
  const holdout = Math.round(dataset.images.train * holdoutFraction);
  return [
    { name: 'train', images: dataset.images.train - holdout },
    { name: 'holdout', images: holdout },
    { name: 'test', images: dataset.images.test },
  ];
}

/** The content of a split, which is a cut of its official part by a fixed rule. */
function contentOfSplit(name: string, { sha256, official }: Content): Content {
  return { sha256: createHash('sha256').update(`${name} of ${sha256}`).digest('hex'), official };
}

/** The content of a split of a network trained here. Throws DataError when a file cannot be read. */
export async function splitContent(dataset: Dataset, folder: string, split: Split): Promise<Content> {
  return contentOfSplit(split, await dataset.content(folder, split === 'test' ? 'test' : 'train'));
}

/** Images that a split has, before any are left out. */
export function splitCount(dataset: Dataset, { split, protocol, trainedHere }: Omit<SplitRequest, 'images'>): number {
  const { train, test } = dataset.images;
  const holdout = Math.round(train * holdoutFraction);
  const half = Math.floor(test / 2);
  if (split === 'train') return trainedHere ? train - holdout : train;
  if (split === 'holdout') return trainedHere ? holdout : half;
  return protocol === 'HOLD_OUT' && !trainedHere ? test - half : test;
}

interface Positions {
  part: Part;
  positions: Int32Array;
  name: string;
}

function trainingPositions(dataset: Dataset, { split, trainedHere }: SplitRequest): Positions {
  const order = new RandomStream(splitSeed, `splits of ${dataset.name} train`).permutation(dataset.images.train);
  const holdout = Math.round(dataset.images.train * holdoutFraction);
  if (split === 'holdout') return { part: 'train', positions: order.slice(0, holdout), name: 'holdout' };
  const train = order.slice(holdout);
  if (trainedHere) return { part: 'train', positions: train, name: 'train' };
  const all = new Int32Array(order.length);
  all.set(train);
  all.set(order.subarray(0, holdout), train.length);
  return { part: 'train', positions: all, name: 'train and holdout' };
}

function testHalf(dataset: Dataset, split: Split): Positions {
  const order = new RandomStream(splitSeed, `splits of ${dataset.name} test`).permutation(dataset.images.test);
  const half = Math.floor(dataset.images.test / 2);
  if (split === 'holdout') return { part: 'test', positions: order.slice(0, half), name: 'holdout half of test' };
  return { part: 'test', positions: order.slice(half).sort(), name: 'other half of test' };
}

/** The official positions of a split's images, in order. */
export function splitPositions(dataset: Dataset, request: SplitRequest): Positions {
  const halved = request.protocol === 'HOLD_OUT' && !request.trainedHere;
  if (request.split === 'train' || (request.split === 'holdout' && request.trainedHere)) return trainingPositions(dataset, request);
  if (halved || request.split === 'holdout') return testHalf(dataset, request.split);
  return { part: 'test', positions: Int32Array.from({ length: dataset.images.test }, (_, index) => index), name: 'test' };
}

/** Reads a split. Throws DataError when a file is missing or corrupt. */
export async function loadSplit(dataset: Dataset, folder: string, request: SplitRequest): Promise<ImageSet> {
  const { part, positions, name } = splitPositions(dataset, request);
  const chosen = positions.slice(0, request.images ?? positions.length);
  const content = contentOfSplit(name, await dataset.content(folder, part));
  const { pixels, labels } = await dataset.read(folder, part, chosen);
  return {
    dataset: dataset.name,
    split: request.split,
    part,
    description: `${dataset.name} ${name}[0:${chosen.length}]`,
    source: { dataset: dataset.name, name, ...content },
    shape: dataset.shape,
    classes: dataset.classes,
    count: chosen.length,
    pixels,
    labels,
    positions: chosen,
  };
}

/** The images of a set from begin up to but not including end, as a set of the same source. */
export function partOf(set: ImageSet, begin: number, end: number): ImageSet {
  const { pixels } = set;
  return {
    ...set,
    description: `images ${begin} to ${end - 1} of ${set.description}`,
    count: end - begin,
    pixels: { ...pixels, copy: (image, target, offset) => pixels.copy(begin + image, target, offset) },
    labels: set.labels.subarray(begin, end),
    positions: set.positions.subarray(begin, end),
  };
}
