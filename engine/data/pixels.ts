/** The images of a set as bytes, wherever they lie: one at a time, so that a set may be larger than memory. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { DataError } from '../errors.ts';
import { openProblem } from './open-problem.ts';

/** Height, width and channels of an image. */
export type ImageShape = readonly [height: number, width: number, channels: number];

export interface Pixels {
  /** Height x width x channels. */
  readonly imageBytes: number;
  /** Copies an image (height, width, channel; 0 to 255) to the target's bytes from `offset` on. image: its place in the set. */
  copy(image: number, target: Uint8Array, offset: number): void;
}

/** Images one after the other in memory. */
export function pixelsInMemory(bytes: Uint8Array, imageBytes: number): Pixels {
  return {
    imageBytes,
    copy: (image, target, offset) => target.set(bytes.subarray(image * imageBytes, (image + 1) * imageBytes), offset),
  };
}

/** Images of a file, each at its own byte. */
export interface FileImages {
  path: string;
  shape: ImageShape;
  /** First byte of each image. */
  offsets: Float64Array;
  /** Whether the file has whole channels one after the other (channel, height, width). */
  planar?: boolean;
  /** What to do when the file changed or is cut off. */
  hint: string;
  /** Called whenever an image is read. */
  used?: (() => void) | undefined;
}

/** Copies whole channels one after the other to interleaved ones. */
export function interleave(planes: Uint8Array, channels: number, target: Uint8Array, offset: number): void {
  const plane = planes.length / channels;
  for (let channel = 0; channel < channels; channel++)
    for (let pixel = 0; pixel < plane; pixel++) target[offset + pixel * channels + channel] = planes[channel * plane + pixel] as number;
}

function openToRead(path: string, hint: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw new DataError(openProblem(path, error), hint);
  }
}

/** Images that are read whenever they are needed. Throws DataError where the file is no longer what it was when it was opened. */
export function pixelsInFile({ path, shape, offsets, planar = false, hint, used }: FileImages): Pixels {
  const [height, width, channels] = shape;
  const imageBytes = height * width * channels;
  const buffer = new Uint8Array(imageBytes);
  let mark: string | undefined;
  return {
    imageBytes,
    copy(image, target, offset) {
      used?.();
      const file = openToRead(path, hint);
      try {
        const { size, mtimeNs, ino } = fstatSync(file, { bigint: true });
        const found = `${size} ${mtimeNs} ${ino}`;
        mark ??= found;
        if (found !== mark) throw new DataError(`${path} was changed while its images were in use.`, hint);
        const read = readSync(file, buffer, 0, imageBytes, offsets[image] as number);
        if (read < imageBytes) throw new DataError(`${path} ends within the image at byte ${offsets[image]}.`, hint);
      } finally {
        closeSync(file);
      }
      if (planar) interleave(buffer, channels, target, offset);
      else target.set(buffer, offset);
    },
  };
}

/** Bytes of images that are kept in memory; a larger set is read as needed. */
export const mostBytesInMemory = 2 ** 30;

/** The images in memory where they fit, else as they are. */
export function inMemoryWhereItFits(pixels: Pixels, count: number, most = mostBytesInMemory): Pixels {
  const { imageBytes } = pixels;
  if (count * imageBytes > most) return pixels;
  const bytes = new Uint8Array(count * imageBytes);
  for (let image = 0; image < count; image++) pixels.copy(image, bytes, image * imageBytes);
  return pixelsInMemory(bytes, imageBytes);
}
