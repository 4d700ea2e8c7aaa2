import { describe, expect, it } from 'vitest';
import { RandomStream } from '../../engine/random.ts';

const numbers = (stream: RandomStream, count: number) => Array.from({ length: count }, () => stream.uniform());

describe('random streams', () => {
  it('repeat bit for bit, today and later', () => {
    const stream = new RandomStream(7, 'a purpose', 1, 2);
    expect([stream.word(), stream.word(), stream.word()]).toEqual([1971830576, 1945386119, 1692355592]);
  });

  it('differ by seed, purpose and every index', () => {
    const names: [number, string, ...number[]][] = [
      [0, 'a'],
      [1, 'a'],
      [0, 'b'],
      [0, 'a', 0],
      [0, 'a', 1],
      [0, 'a', 0, 0],
    ];
    const words = names.map(([seed, purpose, ...indices]) => new RandomStream(seed, purpose, ...indices).word());
    expect(new Set(words).size).toBe(names.length);
  });

  it('are uniform: mean 1/2, variance 1/12, every tenth equally often', () => {
    const values = numbers(new RandomStream(0, 'uniform'), 100_000);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(mean).toBeCloseTo(0.5, 2);
    expect(variance).toBeCloseTo(1 / 12, 2);
    const tenths = Array.from({ length: 10 }, (_, tenth) => values.filter((value) => Math.floor(value * 10) === tenth).length);
    for (const count of tenths) expect(Math.abs(count - 10_000)).toBeLessThan(400);
  });

  it('fill arrays within their bounds', () => {
    const values = new RandomStream(0, 'fill').fillUniform(new Float32Array(10_000), -2, 3);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(-2);
    expect(Math.min(...values)).toBeLessThan(-1.99);
    expect(Math.max(...values)).toBeLessThanOrEqual(3);
    expect(Math.max(...values)).toBeGreaterThan(2.99);
  });

  it('give normal numbers with this mean, deviation and tails', () => {
    const values = new RandomStream(0, 'normal').fillNormal(new Float32Array(99_999), 5, 2);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
    expect(mean).toBeCloseTo(5, 1);
    expect(deviation).toBeCloseTo(2, 1);
    const beyondTwo = values.filter((value) => Math.abs(value - 5) > 4).length / values.length;
    expect(beyondTwo).toBeGreaterThan(0.042);
    expect(beyondTwo).toBeLessThan(0.049);
  });

  it('permute: every number once, every place equally likely', () => {
    const places = [0, 0, 0, 0, 0];
    for (let trial = 0; trial < 10_000; trial++) {
      const order = new RandomStream(trial, 'permutation').permutation(5);
      expect(order.toSorted()).toEqual(Int32Array.of(0, 1, 2, 3, 4));
      const place = order.indexOf(0);
      places[place] = (places[place] as number) + 1;
    }
    for (const count of places) expect(Math.abs(count - 2000)).toBeLessThan(200);
  });

  it('draw below a bound without bias', () => {
    const bound = 3 * 2 ** 30;
    const stream = new RandomStream(0, 'below');
    const high = Array.from({ length: 30_000 }, () => stream.below(bound)).filter((value) => value >= 2 ** 31).length;
    expect(high / 30_000).toBeCloseTo(1 / 3, 1);
  });
});
