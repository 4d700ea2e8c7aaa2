/** From bytes to batches of float32 pixels in [0, 1]. */
import type { HostArray } from '../backends/backend.ts';
import type { RandomStream } from '../random.ts';
import type { ImageSet } from './splits.ts';

const pixelValues = Float32Array.from({ length: 256 }, (_, byte) => byte / 255);

/** Images (count x height x width x channels, float32) and labels (count, int32). */
export interface Batch {
  images: HostArray;
  labels: HostArray;
  count: number;
}

export function labelsOf(set: ImageSet, members: ArrayLike<number>): HostArray {
  const data = new Int32Array(members.length);
  for (let index = 0; index < members.length; index++) data[index] = set.labels[members[index] as number] as number;
  return { shape: [members.length], dtype: 'int32', data };
}

/** The images of a set at these positions of it, unchanged. */
export function batchOf(set: ImageSet, members: ArrayLike<number>): Batch {
  const size = set.pixels.imageBytes;
  const bytes = new Uint8Array(size);
  const data = new Float32Array(members.length * size);
  for (let index = 0; index < members.length; index++) {
    set.pixels.copy(members[index] as number, bytes, 0);
    for (let pixel = 0; pixel < size; pixel++) data[index * size + pixel] = pixelValues[bytes[pixel] as number] as number;
  }
  return {
    images: { shape: [members.length, ...set.shape], dtype: 'float32', data },
    labels: labelsOf(set, members),
    count: members.length,
  };
}

/** Source index of every index of a mirrored-and-shifted line: edges are mirrored without the edge pixel. */
function mirroredLine(length: number, shift: number, flipped: boolean): Int32Array {
  return Int32Array.from({ length }, (_, index) => {
    const source = (flipped ? length - 1 - index : index) + shift;
    if (source < 0) return -source;
    return source < length ? source : 2 * (length - 1) - source;
  });
}

/**
 * The images at these positions, each shifted by up to `padding` pixels and flipped left to right with probability 1/2.
 * `streamOf` names the random stream of an image, so that a batch does not depend on its neighbours.
 */
export function augmentedBatchOf(
  set: ImageSet,
  members: ArrayLike<number>,
  padding: number,
  streamOf: (member: number) => RandomStream,
): Batch {
  const [height, width, channels] = set.shape;
  const size = set.pixels.imageBytes;
  const bytes = new Uint8Array(size);
  const data = new Float32Array(members.length * size);
  let target = 0;
  for (let index = 0; index < members.length; index++) {
    const member = members[index] as number;
    const stream = streamOf(member);
    set.pixels.copy(member, bytes, 0);
    const rows = mirroredLine(height, stream.below(2 * padding + 1) - padding, false);
    const columns = mirroredLine(width, stream.below(2 * padding + 1) - padding, stream.below(2) === 1);
    for (const row of rows)
      for (const column of columns) {
        const source = (row * width + column) * channels;
        for (let channel = 0; channel < channels; channel++) data[target++] = pixelValues[bytes[source + channel] as number] as number;
      }
  }
  return {
    images: { shape: [members.length, height, width, channels], dtype: 'float32', data },
    labels: labelsOf(set, members),
    count: members.length,
  };
}

/** Cuts an order into batches; the last one may be smaller. */
export function cut(order: Int32Array, size: number): Int32Array[] {
  const batches: Int32Array[] = [];
  for (let start = 0; start < order.length; start += size) batches.push(order.subarray(start, start + size));
  return batches;
}

/** 0 to count - 1. */
export function inOrder(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, index) => index);
}
