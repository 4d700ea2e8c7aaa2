/** Numbers and times as the pages write them. */
import { describe, expect, it } from 'vitest';
import { writtenNumber } from '../../web/lib/form/numbers.ts';
import { ago, bytes, compact, decimal, decimalsOf, duration, percent, points, roughly } from '../../web/lib/format.ts';
import { wilson } from '../../web/lib/interval.ts';
import { differenceText, lastText } from '../../web/lib/metric.ts';
import { architectureWord } from '../../web/lib/words.ts';

describe('numbers', () => {
  it('writes fractions as percent and differences as points', () => {
    expect([percent(0.84312), percent(1), percent(0.84312, 2), percent(null), percent(Number.NaN)]).toEqual([
      '84.3%',
      '100.0%',
      '84.31%',
      '–',
      'NaN',
    ]);
    expect([points(0.0124), points(-0.0124), points(0.0001), points(undefined)]).toEqual(['+1.2', '−1.2', '±0.0', '–']);
  });

  it('keeps four digits of any size', () => {
    expect([0, 0.5, 2.46813, 12345.678, 0.0001, 0.00001234, -3.5e8].map(decimal)).toEqual([
      '0',
      '0.5',
      '2.468',
      '12,346',
      '0.0001',
      '1.23e−5',
      '−3.50e8',
    ]);
    expect([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN].map(decimal)).toEqual(['∞', '−∞', 'NaN']);
    expect(compact(11_173_962)).toBe('11.17M');
  });

  it('writes the numbers of a column with the same number of digits', () => {
    const column = (...values: number[]) => values.map(decimalsOf(values));
    expect(column(0.1, 0.104, 20.5)).toEqual(['0.10', '0.10', '20.50']);
    expect(column(0.1, 0.25)).toEqual(['0.1000', '0.2500']);
    expect(column(12_345.678, 900)).toEqual(['12,346', '900']);
    expect(column(-0.0123, 0, 1)).toEqual(['−0.012', '0.000', '1.000']);
    expect(column(Number.NaN, 1.5, Number.POSITIVE_INFINITY)).toEqual(['NaN', '1.500', '∞']);
    expect(column(1e-9, 123)).toEqual(['1.00e−9', '123']);
    expect([column(), column(0)]).toEqual([[], ['0']]);
  });

  it('writes sizes in powers of a thousand', () => {
    expect([0, 999, 1000, 4_736_112, 46_160_000_000].map(bytes)).toEqual(['0 B', '999 B', '1.00 kB', '4.74 MB', '46.2 GB']);
  });

  it('writes pixel radii over 255', () => {
    expect([8 / 255, 0.03, 0.5, 0.031372549, 1, 0].map(writtenNumber)).toEqual(['8/255', '0.03', '0.5', '0.031372549', '1', '0']);
  });
});

describe('metrics', () => {
  const metric = (key: string, last: number, special: string | null = null) => ({ key, last, special });

  it('are percent where they are shares, numbers where they are not, and NaN where they are NaN', () => {
    const all = [
      metric('standard', 0.843),
      metric('standard', 84.3),
      metric('val/acc', 0.5),
      metric('train.loss', 0.5),
      metric('robust', -0.2),
      metric('standard', 0.9, 'NaN'),
      metric('loss', 3, '-Infinity'),
    ];
    expect(all.map(lastText)).toEqual(['84.3%', '84.3', '50.0%', '0.5', '−0.2', 'NaN', '−∞']);
  });

  it('differ in points, in their own unit, or not at all', () => {
    expect(differenceText(metric('standard', 0.85), metric('base.standard', 0.84))).toBe('+1.0');
    expect(differenceText(metric('standard', 85), metric('base.standard', 84))).toBe('+1');
    expect(differenceText(metric('standard', 85, 'NaN'), metric('base.standard', 84))).toBeNull();
  });
});

describe('times', () => {
  it('writes durations with their units', () => {
    expect([0.42, 59.6, 60, 252, 3600, 7890, 200_000, null].map((seconds) => duration(seconds))).toEqual([
      '0.4 s',
      '1 min',
      '1 min',
      '4 min 12 s',
      '1 h',
      '2 h 11 min',
      '2 d 7 h',
      '–',
    ]);
  });

  it('writes rough durations in one unit', () => {
    expect([0.2, 44, 600, 5400, 100_000, 3_650_000, 4e8].map(roughly)).toEqual([
      '1 second',
      '44 seconds',
      '10 minutes',
      '1.5 hours',
      '28 hours',
      '42 days',
      '13 years',
    ]);
  });

  it('says how long ago something was', () => {
    const now = Date.parse('2026-11-23T12:00:00Z');
    const before = (seconds: number) => ago(new Date(now - seconds * 1000).toISOString(), now);
    expect([3, 42, 240, 7200, 3 * 86_400, -30].map(before)).toEqual(['just now', '42 s ago', '4 min ago', '2 h ago', '3 d ago', 'in 30 s']);
    expect(before(40 * 86_400)).toBe('14 Oct 2026');
  });
});

describe('Wilson intervals', () => {
  it('agree with the textbook and stay in [0, 1]', () => {
    const { low, high } = wilson(8, 10) ?? { low: 0, high: 0 };
    expect(low).toBeCloseTo(0.4902, 4);
    expect(high).toBeCloseTo(0.9433, 4);
    expect(wilson(0, 20)?.low).toBeCloseTo(0, 12);
    expect(wilson(20, 20)?.high).toBeCloseTo(1, 12);
    expect(wilson(0, 0)).toBeNull();
  });
});

describe('words', () => {
  it('leave a name as it is that no table has, whatever it is called', () => {
    expect(['SMALL_CNN', 'MY_NET', 'constructor', '__proto__', null].map(architectureWord)).toEqual([
      'Small CNN',
      'MY_NET',
      'constructor',
      '__proto__',
      '–',
    ]);
  });
});
