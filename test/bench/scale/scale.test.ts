/** The arithmetic of the bench, whose figures go into the documentation. */
import { describe, expect, it } from 'vitest';
import { modulesOf, parameterCount } from '../../../engine/models/modules.ts';
import { drawBars, drawChart, scaled, spread } from './chart.ts';
import { growthOf, lineThrough } from './growth.ts';
import { type Fleet, type Limit, type RunShape, simulate, stageSeconds, tightestFirst } from './model.ts';
import { basicResnet, resnet50 } from './networks.ts';

describe('growth', () => {
  const sizes = [1, 2, 4, 8];

  it('calls a cost linear that is', () => {
    expect(growthOf(sizes, [3, 6, 12, 24])).toEqual({ perUnit: [1, 1, 1, 1], worst: 1, further: 1, power: expect.closeTo(1) });
  });

  it('sees a square behind a fixed part that makes units cheaper at first', () => {
    const { worst, perUnit, further } = growthOf(
      sizes,
      sizes.map((size) => 20 + size ** 2),
    );
    expect(perUnit.at(-1)).toBeLessThan(1);
    expect(worst).toBeCloseTo(84 / 8 / (36 / 4));
    expect(further).toBeCloseTo((64 - 16) / 4 / (4 - 1));
  });

  it('finds the power', () => {
    const costs = sizes.map((size) => 5 * size ** 1.5);
    expect(growthOf(sizes, costs).power).toBeCloseTo(1.5);
    expect(growthOf(sizes, costs).worst).toBeCloseTo(Math.SQRT2 ** 3);
  });

  it('refuses sizes that say nothing', () => {
    expect(() => growthOf([1], [1])).toThrow('1 sizes');
    expect(() => growthOf([1, 1], [1, 2])).toThrow('do not rise');
  });

  it('finds the line', () => {
    expect(lineThrough([1, 2, 3], [12, 14, 16])).toEqual({ fixed: expect.closeTo(10), perUnit: expect.closeTo(2) });
  });
});

describe('networks', () => {
  it('are as large as torchvision and the papers have them', () => {
    const { network, macs } = resnet50(224);
    expect(parameterCount(network)).toBe(25_557_032);
    expect(modulesOf(network)).toHaveLength(54);
    expect(macs / 1e9).toBeCloseTo(4.089, 3);
    // By hand: the stem; the first block's pair; the other blocks, which cost the same; the linear module.
    const [first, later] = [32 ** 2 * 27 * 16, (256 * 9 * 16 * 32 + 256 * 9 * 32 ** 2 + 256 * 16 * 32) * 2];
    expect(basicResnet({ blocks: 1, width: 16, side: 32 }).macs).toBe(first + 2 * 32 ** 2 * 9 * 16 ** 2 + later + 640);
  });

  it('cost four times as much at twice the side', () => {
    const [small, large] = [32, 64].map((side) => basicResnet({ blocks: 2, width: 16, side }).macs - 640) as [number, number];
    expect(large).toBe(4 * small);
  });
});

describe('the model of a run', () => {
  const shape: RunShape = {
    trainImages: 100,
    trainEpochs: 2,
    fineTuneEpochs: 3,
    selectionImages: 10,
    testImages: 20,
    modules: 4,
    iterations: 5,
    alphas: 6,
    attackSteps: 7,
  };

  it('counts passes', () => {
    const stages = stageSeconds(shape, { attack: 4, training: 2, module: 1 });
    expect(stages).toEqual({
      TRAINING: 2 * (100 * (28 + 2) + 10 * 32),
      CRITICALITY: 10 * (28 + 20),
      FINE_TUNE: 3 * (100 + 20),
      INTERPOLATION: 6 * 10 * 32,
      EVALUATION: 2 * 20 * 32,
    });
  });
});

describe('the simulated fleet', () => {
  const fleet: Fleet = { workers: 1, startSeconds: 0, stageBytes: 0, storageBytesPerSecond: 1 };
  const stages = (...seconds: number[]) => seconds.map((value) => ({ seconds: value }));
  const runs = Array.from({ length: 8 }, () => stages(3, 1));

  it('does many runs as much faster as there are workers', () => {
    expect(simulate(runs, fleet)).toBe(32);
    expect(simulate(runs, { ...fleet, workers: 4 })).toBe(8);
    expect(simulate(runs, { ...fleet, workers: 100 })).toBe(4);
  });

  it('does one run faster where its stages are shared', () => {
    expect(simulate([stages(3, 1)], { ...fleet, workers: 64 })).toBe(4);
    expect(simulate([[{ seconds: 3 }, { seconds: 64, shared: true }]], { ...fleet, workers: 64 })).toBe(4);
  });

  it('shares nothing while other runs wait', () => {
    const shared = Array.from({ length: 2 }, () => [{ seconds: 4, shared: true }]);
    expect(simulate(shared, { ...fleet, workers: 2, startSeconds: 1 })).toBe(5);
  });

  it('pays for every start, and lets reads of the shared storage wait for each other', () => {
    expect(simulate([stages(3, 1)], { ...fleet, startSeconds: 0.5 })).toBe(5);
    expect(simulate([stages(1), stages(1)], { ...fleet, workers: 2, stageBytes: 10 })).toBe(21);
  });
});

describe('limits', () => {
  it('come with the tightest first', () => {
    const limit = (name: string, most: number, wanted: number): Limit => ({ name, most, wanted, unit: '', effect: '', source: 'modelled' });
    const names = tightestFirst([limit('fits', 5, 5), limit('half', 5, 10), limit('tenth', 1, 10)]).map(({ name }) => name);
    expect(names).toEqual(['tenth', 'half', 'fits']);
  });
});

describe('charts', () => {
  const axis = { label: 'x', ticks: [1, 10, 100], logarithmic: true };

  it('place values', () => {
    expect(scaled(axis, 10, 0, 200)).toBeCloseTo(100);
    expect(scaled({ label: '', ticks: [0, 4] }, 1, 100, 0)).toBe(75);
  });

  it('keep labels apart and on the page', () => {
    expect(spread([10, 11, 50], 17, 100)).toEqual([10, 27, 50]);
    expect(spread([95, 96, 97], 17, 100)).toEqual([66, 83, 100]);
  });

  it('draw every series and escape what is said', () => {
    const series = ['a & b', 'c < d'].map((name, index) => ({ name, points: [[1, 1 + index] as const, [100, 10] as const] }));
    const svg = drawChart({ title: 'T', x: axis, y: { ...axis, label: 'y' }, series });
    expect(svg.match(/<polyline/g)).toHaveLength(2);
    expect(svg).toContain('a &amp; b');
    expect(svg).toContain('c &lt; d');
    expect(svg).not.toMatch(/NaN|undefined/);
  });

  it('draw bars beyond the axis as long as the axis', () => {
    const svg = drawBars({ title: 'T', x: axis, line: { at: 10, label: 'here' }, bars: [{ name: 'far', value: 1e9, note: 'n' }] });
    expect(svg).toContain('width="290.0"');
  });
});
