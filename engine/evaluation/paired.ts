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
