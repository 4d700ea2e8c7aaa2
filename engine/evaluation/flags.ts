/** Flags of images, one entry each: 1 or 0. */

export function count(flags: Uint8Array): number {
  return flags.reduce((sum, flag) => sum + flag, 0);
}

/** Share of ones, in [0, 1]. */
export function accuracy(flags: Uint8Array): number {
  return count(flags) / flags.length;
}

/** Images whose flags differ. */
export function differing(first: Uint8Array, second: Uint8Array): number {
  return first.filter((flag, image) => flag !== second[image]).length;
}
