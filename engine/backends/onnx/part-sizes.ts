/**
 * How many rows the parts of a call have, where threads share them. Rows fill the last part up in vain, and every size that occurs is
 * compiled: a size is compiled once it would have saved as much as that costs.
 */

/** Steps of one row that compiling takes as long as. */
const stepsToCompile = 500;

/** Rows that a call costs beside its own, as a share of the most that a part may have. */
const overhead = 1 / 8;

/**
 * Powers of two, and three steps between them. Never odd: the runtime multiplies the last of an odd number of rows in another way
 * than a pair, and a row's last digits would depend on the batch.
 */
function sizesUpTo(most: number): number[] {
  const sizes = [2, 4, 6, 8];
  for (let octave = 8; octave < most; octave *= 2) sizes.push(...[1.25, 1.5, 1.75, 2].map((times) => times * octave));
  const even = sizes.filter((size) => size % 2 === 0 && size <= most);
  return even.length > 0 ? even : [2];
}

export class PartSizes {
  private readonly sizes: readonly number[];
  private readonly compiled = new Set<number>();
  /** What each size would have saved so far. */
  private readonly missed = new Map<number, number>();

  /** most: rows that a part may have. */
  constructor(
    private readonly most: number,
    private readonly threads: number,
  ) {
    this.sizes = sizesUpTo(most);
  }

  /** Rows that the busiest thread computes in a step, its calls counted as rows. */
  private effort(rows: number, size: number): number {
    return Math.ceil(Math.ceil(rows / size) / this.threads) * (size + this.most * overhead);
  }

  /** The size with the least effort, the larger of equal ones. */
  private best(rows: number, among: Iterable<number>): number | undefined {
    return [...among]
      .toSorted((first, second) => second - first)
      .toSorted((first, second) => this.effort(rows, first) - this.effort(rows, second))[0];
  }

  /** The size for a call of these rows that takes so many steps on end. */
  of(rows: number, steps: number): number {
    const wished = this.best(rows, this.sizes) as number;
    const known = this.best(rows, this.compiled);
    if (known === undefined) return this.compile(wished);
    const missed = (this.missed.get(wished) ?? 0) + steps * (this.effort(rows, known) - this.effort(rows, wished));
    this.missed.set(wished, missed);
    return missed < stepsToCompile ? known : this.compile(wished);
  }

  private compile(size: number): number {
    this.compiled.add(size);
    return size;
  }
}
