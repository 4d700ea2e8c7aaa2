import { describe, expect, it } from 'vitest';
import type { MrcScore } from '../../../engine/recorder.ts';
import { selectPoint, sweepAlphas } from '../../../engine/rift/interpolation.ts';
import { selectModules } from '../../../engine/rift/selection.ts';
import { tinyNetwork } from '../tiny.ts';

const names = ['conv1', 'layer1.0.conv1', 'layer1.0.conv2', 'layer2.0.conv1', 'layer2.0.conv2', 'layer2.0.shortcut.0', 'linear'];
const scores = names.map((module, index): MrcScore => {
  const score = [0.3, 0.1, 0.9, 0.2, 0.8, 0.4, 0.5][index] as number;
  return { module, complete: true, score, robustLoss: 1, perturbedLoss: 1 + score, epsilon: 0.1, norm: 'L2', losses: [] };
});

describe('the choice of modules', () => {
  it('takes the lowest, the highest, the last, all, or those named, in network order', () => {
    expect(selectModules(tinyNetwork, { select: 'NON_ROBUST_CRITICAL' }, scores)).toEqual(['layer1.0.conv1']);
    expect(selectModules(tinyNetwork, { select: 'ROBUST_CRITICAL' }, scores)).toEqual(['layer1.0.conv2']);
    expect(selectModules(tinyNetwork, { select: 'TOP_K', k: 3 }, scores)).toEqual(['conv1', 'layer1.0.conv1', 'layer2.0.conv1']);
    expect(selectModules(tinyNetwork, { select: 'LAST' }, [])).toEqual(['linear']);
    expect(selectModules(tinyNetwork, { select: 'ALL' }, [])).toEqual(names);
    expect(selectModules(tinyNetwork, { select: 'NAMED', modules: ['linear', 'conv1'] }, [])).toEqual(['conv1', 'linear']);
  });

  it('says what does not fit', () => {
    expect(() => selectModules(tinyNetwork, { select: 'TOP_K', k: 8 }, scores)).toThrow('k is 8, but 7 modules have a score.');
    expect(() => selectModules(tinyNetwork, { select: 'NAMED', modules: ['layer7'] }, [])).toThrow('tiny has no module "layer7".');
    expect(() => selectModules(tinyNetwork, { select: 'NON_ROBUST_CRITICAL' }, [])).toThrow('no MRC scores');
  });
});

describe('the choice of alpha', () => {
  const points = [
    { alpha: 0, standard: 0.8, robust: 0.5 },
    { alpha: 0.5, standard: 0.82, robust: 0.4995 },
    { alpha: 0.7, standard: 0.83, robust: 0.499 },
    { alpha: 0.9, standard: 0.85, robust: 0.4 },
  ];

  it('takes the highest standard accuracy within the tolerance, whose border counts', () => {
    expect(selectPoint(points, 0.001)?.alpha).toBe(0.7);
    expect(selectPoint(points, 0.0005)?.alpha).toBe(0.5);
    expect(selectPoint(points, 0)?.alpha).toBe(0);
    expect(selectPoint(points, 1)?.alpha).toBe(0.9);
    expect(selectPoint(points.toReversed(), 0.001)?.alpha).toBe(0.7);
  });

  it('takes the more robust of equals, then the smaller alpha', () => {
    const equals = [
      points[0],
      { alpha: 0.3, standard: 0.9, robust: 0.5 },
      { alpha: 0.2, standard: 0.9, robust: 0.51 },
      { alpha: 0.1, standard: 0.9, robust: 0.51 },
    ];
    expect(selectPoint(equals as typeof points, 0)?.alpha).toBe(0.1);
  });

  it('needs a measured alpha 0 and looks at measured points only', () => {
    expect(selectPoint(points.slice(1), 1)).toBeUndefined();
    expect(selectPoint([], 1)).toBeUndefined();
    expect(selectPoint([...points, { alpha: 1, standard: 0.99, robust: null }], 0.001)?.alpha).toBe(0.7);
  });

  it('always measures alpha 0, and each alpha once', () => {
    expect(sweepAlphas([1, 0.5, 0.5])).toEqual([0, 0.5, 1]);
    expect(sweepAlphas([0, 0.1])).toEqual([0, 0.1]);
  });
});
