import { EngineError } from '../errors.ts';

/** The 97.5 % point of the normal distribution. */
const z = 1.959963984540054;

/**
 * 95 % confidence interval of an accuracy (Wilson, 1927): where the true accuracy lies when `correct` of `images` were right.
 * Both ends are fractions in [0, 1].
 */
export function wilsonInterval(correct: number, images: number): { low: number; high: number } {
  if (!(images > 0) || correct < 0 || correct > images) throw new EngineError(`${correct} of ${images} images is no accuracy.`);
  const share = correct / images;
  const centre = share + z ** 2 / (2 * images);
  const reach = z * Math.sqrt((share * (1 - share)) / images + z ** 2 / (4 * images ** 2));
  const scale = 1 + z ** 2 / images;
  return {
    low: correct === 0 ? 0 : Math.max(0, (centre - reach) / scale),
    high: correct === images ? 1 : Math.min(1, (centre + reach) / scale),
  };
}
