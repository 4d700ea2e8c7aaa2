/** What a dataset is: its shape, and where its images lie. */
import type { ImageShape, Pixels } from './pixels.ts';

export type { ImageShape };

/** The two official parts of a dataset; the engine's splits are cut from them. */
export type Part = 'train' | 'test';

/** Images and their labels. */
export interface Records {
  pixels: Pixels;
  labels: Int32Array;
}

export interface DataFile {
  part: Part;
  path: string;
  /** The exact size. */
  bytes: number;
  /** Hashes of the file that the dataset's authors published; absent where they are not known. */
  official?: { sha256?: string; md5?: string };
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
  /** What to do when the files are not there; `folder` is the datasets folder. */
  hint(folder: string): string;
  /** Files of the dataset, part by part in the order of their images. */
  files(folder: string): DataFile[];
  /**
   * The records of a part at these positions, in this order.
   * Throws EngineError naming file, byte offset and what was expected when a file is missing, cut off or corrupt.
   */
  read(folder: string, part: Part, positions: Int32Array): Promise<Records>;
}
