/** Poisson counts for the 256 levels of a byte, by the inverse of their distribution. */

/** Standard deviations beyond the mean at which a table ends; what lies beyond has a chance below 1e-20. */
const reach = 10;

/** The chances of at most 0, 1, 2 ... events of a Poisson process of this mean. */
function distribution(mean: number): Float64Array {
  const table = new Float64Array(Math.ceil(mean + reach * Math.sqrt(mean) + reach));
  let logarithm = -mean;
  let sum = 0;
  for (let count = 0; count < table.length; count++) {
    if (count > 0) logarithm += Math.log(mean / count);
    sum += Math.exp(logarithm);
    table[count] = sum;
  }
  return table;
}

const tables = new Map<number, Float64Array[]>();

/** A function of a byte and a uniform number of [0, 1) that yields a count of mean byte / 255 * scale. */
export function poisson(scale: number): (byte: number, uniform: number) => number {
  const known = tables.get(scale) ?? Array.from({ length: 256 }, (_, byte) => distribution((byte / 255) * scale));
  tables.set(scale, known);
  return (byte, uniform) => {
    if (byte === 0) return 0;
    const table = known[byte] as Float64Array;
    let low = 0;
    let high = table.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((table[middle] as number) > uniform) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}
