/** Two networks on the same images: what differs, and whether it could be chance. */
import { EngineError } from '../errors.ts';

/** The 97.5 % point of the normal distribution. */
const z = 1.959963984540054;

/** Accuracies are fractions. */
export interface PairedDifference {
  images: number;
  /** Images that only the first, or only the second, got right. */
  onlyFirst: number;
  onlySecond: number;
  /** Second minus first, and its 95 % interval. */
  difference: number;
  low: number;
  high: number;
  /** Of the exact McNemar test, two-sided: how likely images that differ split so unevenly by chance. */
  pValue: number;
}

/** Chance of at most `most` heads in `tosses` of a fair coin. */
function fairCoinTail(tosses: number, most: number): number {
  let logarithm = -tosses * Math.LN2;
  let sum = 0;
  for (let heads = 0; heads <= most; heads++) {
    sum += Math.exp(logarithm);
    logarithm += Math.log((tosses - heads) / (heads + 1));
  }
  return sum;
}

/**
 * Compares two networks image by image; outcomes are 1 where an image counted as right.
 * The p value is McNemar's, exact; the interval is that of Bonett and Price (2012), Wald's with one image added to each kind of
 * difference, which holds its level for few differences too.
 */
export function pairedDifference(first: Uint8Array, second: Uint8Array): PairedDifference {
  const images = first.length;
  if (images === 0 || second.length !== images) throw new EngineError(`${images} and ${second.length} outcomes cannot be compared.`);
  let onlyFirst = 0;
  let onlySecond = 0;
  for (let image = 0; image < images; image++) {
    if (first[image] === second[image]) continue;
    if (first[image] === 1) onlyFirst++;
    else onlySecond++;
  }
  const [lost, won] = [(onlyFirst + 1) / (images + 2), (onlySecond + 1) / (images + 2)];
  const reach = z * Math.sqrt((lost + won - (won - lost) ** 2) / (images + 2));
  const differing = onlyFirst + onlySecond;
  return {
    images,
    onlyFirst,
    onlySecond,
    difference: (onlySecond - onlyFirst) / images,
    low: Math.max(-1, won - lost - reach),
    high: Math.min(1, won - lost + reach),
    pValue: Math.min(1, 2 * fairCoinTail(differing, Math.min(onlyFirst, onlySecond))),
  };
}

/**
 * Compares two networks on images that were measured in several ways, as under every corruption. An image counts once: for the
 * network that is right more often. The p value is that of the sign test over images, the interval that of the mean over images
 * of the difference in how often they are right.
 */
export function pairedDifferenceOver(first: readonly Uint8Array[], second: readonly Uint8Array[]): PairedDifference {
  if (first.length !== second.length) throw new EngineError(`${first.length} and ${second.length} measurements cannot be compared.`);
  if (first.length === 1) return pairedDifference(first[0] as Uint8Array, second[0] as Uint8Array);
  const images = first[0]?.length ?? 0;
  if (images === 0 || [...first, ...second].some(({ length }) => length !== images))
    throw new EngineError('Measurements of different images cannot be compared.');
  const right = (all: readonly Uint8Array[], image: number) => all.reduce((sum, outcomes) => sum + (outcomes[image] as number), 0);
  const gains = Array.from({ length: images }, (_, image) => (right(second, image) - right(first, image)) / first.length);
  const onlyFirst = gains.filter((gain) => gain < 0).length;
  const onlySecond = gains.filter((gain) => gain > 0).length;
  const difference = gains.reduce((sum, gain) => sum + gain, 0) / images;
  const variance = gains.reduce((sum, gain) => sum + (gain - difference) ** 2, 0) / Math.max(1, images - 1);
  const reach = z * Math.sqrt(variance / images);
  return {
    ...{ images, onlyFirst, onlySecond, difference },
    low: Math.max(-1, difference - reach),
    high: Math.min(1, difference + reach),
    pValue: Math.min(1, 2 * fairCoinTail(onlyFirst + onlySecond, Math.min(onlyFirst, onlySecond))),
  };
}
