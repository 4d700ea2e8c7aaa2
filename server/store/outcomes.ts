/** Outcomes of an evaluation as a bitmap: one bit an image, the first image in the highest bit of the first byte. */

/** outcomes: one entry an image, 1 where it counted as right. */
export function packOutcomes(outcomes: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(Math.ceil(outcomes.length / 8));
  for (const [image, right] of outcomes.entries()) if (right) bytes[image >> 3] = (bytes[image >> 3] as number) | (0x80 >> (image & 7));
  return bytes;
}

export function unpackOutcomes(bytes: Uint8Array, images: number): Uint8Array {
  return Uint8Array.from({ length: images }, (_, image) => ((bytes[image >> 3] as number) & (0x80 >> (image & 7)) ? 1 : 0));
}
