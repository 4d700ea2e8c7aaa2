/** Confidence interval of an accuracy. */

/** 95% Wilson interval of `correct` of `images`, as fractions in [0, 1]; null without images. */
export function wilson(correct: number, images: number): { low: number; high: number } | null {
  if (images <= 0) return null;
  const z = 1.959963984540054;
  const share = correct / images;
  const shrink = 1 + (z * z) / images;
  const centre = (share + (z * z) / (2 * images)) / shrink;
  const half = (z * Math.sqrt((share * (1 - share)) / images + (z * z) / (4 * images * images))) / shrink;
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}
