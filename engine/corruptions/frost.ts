/**
 * The frost photographs of the benchmark (Apache-2.0, see the folder frost): the first five of its six, at the scales that it
 * uses for images of 32 and of 64 pixels.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RandomStream } from '../random.ts';
import { parseSafetensors, type RawTensor } from '../weights/safetensors.ts';
import { largestSmallSide } from './constants.ts';
import { greyOf, pictureOf, type Size } from './picture.ts';

const photographs = 5;
/** The image size that the larger copies are made for. */
const largeSide = 64;

let kept: Record<string, RawTensor> | undefined;

function photograph(name: string): RawTensor {
  kept ??= parseSafetensors(readFileSync(join(import.meta.dirname, 'frost', 'frost.safetensors'))).tensors;
  return kept[name] as RawTensor;
}

/** A random piece of a random photograph of this size, as bytes; for larger images the photograph is enlarged. */
export function frostOf({ height, width, channels }: Size, stream: RandomStream): Uint8Array {
  const isSmall = Math.min(height, width) <= largestSmallSide;
  const { shape, bytes } = photograph(`${isSmall ? 'small' : 'large'}.${1 + stream.below(photographs)}`);
  const [rows, columns] = shape as [number, number];
  const enlarged = isSmall ? 1 : Math.max(1, Math.max(height, width) / largeSide);
  const top = stream.below(Math.max(1, Math.floor(rows * enlarged) - height));
  const left = stream.below(Math.max(1, Math.floor(columns * enlarged) - width));
  const piece = new Uint8Array(height * width * 3);
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const fromRow = Math.min(rows - 1, Math.floor((top + row) / enlarged));
      const fromColumn = Math.min(columns - 1, Math.floor((left + column) / enlarged));
      const from = (fromRow * columns + fromColumn) * 3;
      piece.set(bytes.subarray(from, from + 3), (row * width + column) * 3);
    }
  if (channels === 3) return piece;
  return Uint8Array.from(greyOf(pictureOf({ bytes: piece, height, width, channels: 3 })), (value) => Math.round(value * 255));
}
