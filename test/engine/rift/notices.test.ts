import { describe, expect, it } from 'vitest';
import { noticesOf } from '../../../engine/rift/notices.ts';

const score = (module: string, losses: number[], robustLoss = 1) => {
  const perturbedLoss = Math.max(robustLoss, ...losses);
  return {
    module,
    complete: true,
    score: perturbedLoss - robustLoss,
    robustLoss,
    perturbedLoss,
    epsilon: 0.1,
    norm: 'L2' as const,
    losses,
  };
};

describe('notices about scores', () => {
  it('are none where nothing is odd', () => {
    expect(noticesOf([score('conv1', [1.5, 2]), score('linear', [0.9, 1.2])])).toEqual([]);
  });

  it('name modules without a gradient, and those whose loss only fell', () => {
    const [still, lowered, tied] = noticesOf([score('conv1', [1, 1]), score('conv2', [0.5, 0.9]), score('linear', [2])]);
    expect(still).toMatch(/for want of a gradient.*: conv1\.$/);
    expect(lowered).toMatch(/only ever lowered the loss.*: conv2\.$/);
    expect(tied).toMatch(/^2 modules share the lowest score, 0; .*: conv1, conv2\.$/);
  });

  it('do not call a ball of radius 0 a want of gradient', () => {
    expect(noticesOf([{ ...score('conv1', [1, 1]), epsilon: 0 }])).toEqual([]);
  });
});
