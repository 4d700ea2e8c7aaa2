/** How a cost grows with the size of what is done. */

export interface Growth {
  /** Cost of a unit at every size, as a multiple of that at the first. */
  perUnit: number[];
  /** The most that a unit costs anywhere, as a multiple of what it costs at any smaller size. */
  worst: number;
  /**
   * What a further unit costs in the last step up, as a multiple of what it costs in the first: without the fixed part, and as
   * noisy as differences are. Undefined for fewer than three sizes.
   */
  further?: number;
  /** The power of the size that the cost grows by: the slope of its logarithm, by least squares. */
  power: number;
}

/** More than linear by a tenth is too much. */
export const tolerance = 1.1;

/**
 * Judges costs at rising sizes. A fixed part, which makes units cheaper as their number grows, hides nothing that comes later:
 * a unit is compared with the cheapest before it. Throws RangeError for fewer than two sizes, or sizes that do not rise.
 */
export function growthOf(sizes: readonly number[], costs: readonly number[]): Growth {
  if (sizes.length < 2 || sizes.length !== costs.length) throw new RangeError(`${sizes.length} sizes and ${costs.length} costs.`);
  if (sizes.some((size, index) => index > 0 && size <= (sizes[index - 1] as number))) throw new RangeError(`Sizes ${sizes} do not rise.`);
  const units = sizes.map((size, index) => (costs[index] as number) / size);
  let worst = 0;
  let cheapest = units[0] as number;
  for (const unit of units.slice(1)) {
    worst = Math.max(worst, unit / cheapest);
    cheapest = Math.min(cheapest, unit);
  }
  const added = (index: number) =>
    ((costs[index] as number) - (costs[index - 1] as number)) / ((sizes[index] as number) - (sizes[index - 1] as number));
  return {
    perUnit: units.map((unit) => unit / (units[0] as number)),
    worst,
    power: slope(sizes.map(Math.log), costs.map(Math.log)),
    ...(sizes.length > 2 ? { further: added(sizes.length - 1) / added(1) } : {}),
  };
}

/** What a unit adds and what there is without any: the line through the costs, by least squares. */
export function lineThrough(sizes: readonly number[], costs: readonly number[]): { fixed: number; perUnit: number } {
  const perUnit = slope(sizes, costs);
  return { perUnit, fixed: mean(costs) - perUnit * mean(sizes) };
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

function slope(x: readonly number[], y: readonly number[]): number {
  const [centreX, centreY] = [mean(x), mean(y)];
  const products = x.map((value, index) => (value - centreX) * ((y[index] as number) - centreY));
  return products.reduce((sum, value) => sum + value, 0) / x.reduce((sum, value) => sum + (value - centreX) ** 2, 0);
}
