/** One image while it is being corrupted. */
import type { RandomStream } from '../random.ts';
import type { Constants } from './constants.ts';

export interface Size {
  height: number;
  width: number;
  channels: number;
}

/** Pixels in [0, 1], height x width x channels. */
export interface Picture extends Size {
  data: Float64Array;
}

/** What a corruption is given: the image as bytes, its constants, and the stream of its chance. */
export interface Clean<Name extends keyof Constants = keyof Constants> extends Size {
  bytes: Uint8Array;
  /** Those of the severity. */
  constants: Constants[Name][number];
  stream: RandomStream;
}

export interface Corruption<Name extends keyof Constants = keyof Constants> {
  label: string;
  group: 'noise' | 'blur' | 'weather' | 'digital';
  /** Whether chance is part of it. */
  random: boolean;
  /** The corrupted image, as bytes of the same layout. */
  apply(clean: Clean<Name>): Uint8Array;
}

const levels = new Float64Array(256);
const levels32 = new Float64Array(256);
for (let byte = 0; byte < 256; byte++) {
  levels[byte] = byte / 255;
  levels32[byte] = Math.fround(byte / 255);
}

function withLevels({ bytes, height, width, channels }: Size & { bytes: Uint8Array }, values: Float64Array): Picture {
  const data = new Float64Array(bytes.length);
  for (let index = 0; index < bytes.length; index++) data[index] = values[bytes[index] as number] as number;
  return { height, width, channels, data };
}

/** In float64, as most of the benchmark computes. */
export function pictureOf(image: Size & { bytes: Uint8Array }): Picture {
  return withLevels(image, levels);
}

/** With values that float32 holds, for what the benchmark computes in float32. */
export function pictureOf32(image: Size & { bytes: Uint8Array }): Picture {
  return withLevels(image, levels32);
}

/** Clipped to [0, 1], times 255, cut off: the benchmark truncates and does not round. */
export function truncated(values: Float64Array): Uint8Array {
  const bytes = new Uint8Array(values.length);
  for (let index = 0; index < values.length; index++) {
    const value = values[index] as number;
    bytes[index] = value <= 0 ? 0 : value >= 1 ? 255 : value * 255;
  }
  return bytes;
}

/** The same where the product is a float32. */
export function truncated32(values: Float64Array): Uint8Array {
  const bytes = new Uint8Array(values.length);
  for (let index = 0; index < values.length; index++) {
    const value = values[index] as number;
    bytes[index] = value <= 0 ? 0 : value >= 1 ? 255 : Math.fround(Math.fround(value) * 255);
  }
  return bytes;
}

/** Brightness as video weighs it, height x width; of an image with one channel, that channel. */
export function greyOf({ data, channels }: Picture): Float64Array {
  if (channels === 1) return data;
  const grey = new Float64Array(data.length / channels);
  for (let pixel = 0; pixel < grey.length; pixel++) {
    const at = pixel * channels;
    grey[pixel] = 0.299 * (data[at] as number) + 0.587 * (data[at + 1] as number) + 0.114 * (data[at + 2] as number);
  }
  return grey;
}
