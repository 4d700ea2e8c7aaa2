/** Pixels displaced as by uneven glass. */
import type { RandomStream } from '../random.ts';
import type { Size } from './picture.ts';

/**
 * From the last pixel to the first, each takes the value of a random neighbour at most `reach` up or left and fewer than `reach`
 * down or right. The benchmark means to swap the two; it assigns through views of the array, which copies one way only.
 */
export function shuffled(
  bytes: Uint8Array,
  { height, width, channels }: Size,
  { reach, rounds }: { reach: number; rounds: number },
  stream: RandomStream,
): Uint8Array {
  for (let round = 0; round < rounds; round++)
    for (let row = height - reach; row > reach; row--)
      for (let column = width - reach; column > reach; column--) {
        const across = stream.below(2 * reach) - reach;
        const down = stream.below(2 * reach) - reach;
        const to = (row * width + column) * channels;
        const from = ((row + down) * width + column + across) * channels;
        bytes.copyWithin(to, from, from + channels);
      }
  return bytes;
}
