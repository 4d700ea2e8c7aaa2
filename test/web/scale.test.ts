/** Axes for numbers of any size. */
import { describe, expect, it } from 'vitest';
import { powersOf, rangeOf, shareRange, suitsLog, ticksOf, tickText } from '../../web/charts/scale.ts';

describe('ranges', () => {
  it.each([
    [60, 89],
    [-5, -3],
    [0, 0],
    [7, 7],
    [-2, -2],
    [1e-300, 1e-300],
    [1e-9, 3e-9],
    [-1.7e308, 1.7e308],
    [1e308, 1.7e308],
  ])('hold values from %d to %d with air on both sides', (low, high) => {
    const [from, to] = rangeOf(low, high);
    expect(from).toBeLessThan(low === -1.7e308 ? -1.6e308 : low);
    expect(to).toBeGreaterThan(high);
    expect([from, to].every(Number.isFinite)).toBe(true);
  });

  it('of shares stay in [0, 1]', () => {
    expect(shareRange(0.99, 1)).toEqual([0.97, 1]);
    expect(shareRange(null, null)).toEqual([0, 1]);
  });

  it('take powers of ten where all is positive and far apart', () => {
    expect(
      [
        { low: 0.001, high: 2 },
        { low: 0, high: 1000 },
        { low: 1, high: 2 },
        { low: Number.NaN, high: Number.NaN },
      ].map(suitsLog),
    ).toEqual([true, false, false, false]);
    expect(powersOf(0.5, 2000)).toEqual([1, 10, 100, 1000]);
    expect(powersOf(1e-300, 1).length).toBeLessThanOrEqual(6);
  });
});

describe('ticks', () => {
  const texts = (low: number, high: number) => {
    const { ticks, step } = ticksOf(low, high);
    return ticks.map((tick) => tickText(tick, step));
  };

  it('are round, between the bounds, and told apart', () => {
    expect(texts(58, 91)).toEqual(['60', '70', '80', '90']);
    expect(texts(0.97, 1.02)).toEqual(['0.97', '0.98', '0.99', '1.00', '1.01', '1.02']);
    expect(texts(-2, 2)).toEqual(['−2', '−1', '0', '1', '2']);
    expect(texts(0, 5000)).toEqual(['0', '1,000', '2,000', '3,000', '4,000', '5,000']);
  });

  it.each([
    [-1.7e308, 1.7e308],
    [1e-300, 2e-300],
    [1e6, 1e6 + 0.01],
    [0, 5e-324],
  ])('are few and finite from %d to %d', (low, high) => {
    const { ticks } = ticksOf(low, high);
    expect(ticks.length).toBeGreaterThan(1);
    expect(ticks.length).toBeLessThan(12);
    expect(ticks.every(Number.isFinite)).toBe(true);
    expect(new Set(texts(low, high)).size).toBeGreaterThan(1);
  });
});
