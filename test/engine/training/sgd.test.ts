import { describe, expect, it } from 'vitest';
import { Sgd } from '../../../engine/training/sgd.ts';
import type { Weights } from '../../../engine/weights/weights.ts';

const vector = (...values: number[]): Weights => ({ w: { shape: [values.length], dtype: 'float32', data: Float32Array.from(values) } });
const numbers = (weights: Weights) => [...(weights.w as Weights[string]).data];

describe('stochastic gradient descent', () => {
  it('takes the steps that its equation gives by hand', () => {
    const sgd = new Sgd({ momentum: 0.5, weightDecay: 0.1 });
    const first = sgd.step(vector(1, -2), vector(1, 1), 0.1);
    // g = 1 + 0.1 w: 1.1 and 0.8
    expect(numbers(first).map((value) => value.toFixed(5))).toEqual(['0.89000', '-2.08000']);
    const second = sgd.step(first, vector(0, 0), 0.1);
    // v = 0.5 v + 0.1 w: 0.55 + 0.089 and 0.4 - 0.208
    expect(numbers(second).map((value) => value.toFixed(5))).toEqual(['0.82610', '-2.09920']);
  });

  it('leaves weights without a gradient and the given arrays as they are', () => {
    const weights = { ...vector(1), frozen: vector(5).w as Weights[string] };
    const moved = new Sgd({ momentum: 0, weightDecay: 0.1 }).step(weights, vector(1), 1);
    expect(moved.frozen).toBe(weights.frozen);
    expect(numbers(weights)).toEqual([1]);
  });

  it('goes on from a saved velocity', () => {
    const whole = new Sgd({ momentum: 0.9, weightDecay: 0 });
    const one = whole.step(vector(1), vector(1), 0.1);
    const resumed = new Sgd({ momentum: 0.9, weightDecay: 0 }, whole.velocity);
    expect(resumed.step(one, vector(2), 0.1)).toEqual(whole.step(one, vector(2), 0.1));
  });
});
