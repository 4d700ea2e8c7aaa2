/** What a dataset is: its shape, and where its images lie. */
import type { CorruptionCell } from '../corruptions/suites.ts';
import type { ImageShape, Pixels } from './pixels.ts';

export type { ImageShape };

/** The two official parts of a dataset; the engine's splits are cut from them. */
export type Part = 'train' | 'test';

/** Images and their labels. */
export interface Records {
  pixels: Pixels;
  labels: Int32Array;
}

/** What images are, as a hash: two numbers are of the same images only where these are equal. */
export interface Content {
  sha256: string;
  /** Whether they are those that the dataset's authors published; null where that cannot be told. */
  official: boolean | null;
}

/** Whether a dataset can be used. problem: a sentence. */
export type DataState = { state: 'READY' } | { state: 'MISSING' } | { state: 'PREPARING' | 'FAILED'; problem: string };

/** Corrupted test images as somebody published them. */
export interface Published extends Records, Content {
  /** CIFAR-10-C ... */
  collection: string;
}

export interface Dataset {
  /** Canonical name: lower case, letters and digits. */
  name: string;
  /** As pages write the name. */
  label: string;
  shape: ImageShape;
  classes: number;
  /** Number of images of each official part. */
  images: Record<Part, number>;
  /** Crop by shifts up to `padding` pixels (edges mirrored) and flip while training; absent: images stay as they are. */
  augmentation?: { padding: number };
  /** Mean and standard deviation of each channel, of pixels in [0, 1]; the network's first operation. */
  normalisation?: { mean: readonly number[]; deviation: readonly number[] };
  /** What to do when the images are not there; `folder` is the datasets folder. */
  hint(folder: string): string;
  /** Whether the images are there; few of their bytes are read. */
  state(folder: string): Promise<DataState>;
  /** Throws DataError where a file cannot be read. */
  content(folder: string, part: Part): Promise<Content>;
  /**
   * The records of a part at these positions, in this order.
   * Throws DataError naming file, byte offset and what was expected when a file is missing, cut off or corrupt.
   */
  read(folder: string, part: Part, positions: Int32Array): Promise<Records>;
  /** Published corruptions of the test images at these positions; undefined where they do not lie in the folder. */
  published?(folder: string, cell: CorruptionCell, positions: Int32Array): Promise<Published | undefined>;
}
