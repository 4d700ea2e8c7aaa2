import { describe, expect, it } from 'vitest';
import { measureConfig } from '../../../engine/config.ts';
import { adversarialProtocol, pixels, standardProtocol } from '../../../engine/evaluation/protocol.ts';
import { wilsonInterval } from '../../../engine/evaluation/wilson.ts';
import { syntheticSet } from '../synthetic.ts';

describe('the Wilson interval', () => {
  /** The examples of Newcombe (1998), table I, method 3, and one of this size of data set. */
  const known: [number, number, number, number][] = [
    [5, 10, 0.2366, 0.7634],
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
    [8450, 10_000, 0.8378, 0.852],
  ];
  it.each(known)('of %i in %i is %f to %f', (correct, images, low, high) => {
    const interval = wilsonInterval(correct, images);
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
  });

  it('is symmetric in right and wrong', () => {
    const { low, high } = wilsonInterval(37, 100);
    const mirrored = wilsonInterval(63, 100);
    expect(mirrored.low).toBeCloseTo(1 - high, 12);
    expect(mirrored.high).toBeCloseTo(1 - low, 12);
  });

  it('refuses what is no accuracy', () => {
    for (const [correct, images] of [
      [0, 0],
      [3, 2],
      [-1, 5],
    ] as const)
      expect(() => wilsonInterval(correct, images)).toThrow(`${correct} of ${images} images`);
  });
});

describe('protocol strings', () => {
  const set = syntheticSet(10, [2, 2, 1]);
  const measure = measureConfig.parse({});

  it('say how and on which images', () => {
    expect(standardProtocol(set)).toBe('standard; synthetic holdout[0:10]');
    expect(adversarialProtocol(measure, 0, set)).toBe(
      'adversarial: PGD linf eps=8/255 step=2/255 steps=10 random-start restarts=1 any-step seed=0; synthetic holdout[0:10]',
    );
  });

  it('differ exactly where the measurement does', () => {
    const changed = [
      { attack: { epsilon: 4 / 255 } },
      { attack: { stepSize: 2 / 225 } },
      { attack: { steps: 20 } },
      { attack: { restarts: 3 } },
      { attack: { randomStart: false } },
      { rule: 'LAST_STEP' },
      {},
    ].map((changes) => adversarialProtocol(measureConfig.parse(changes), 0, set));
    expect(new Set([...changed, adversarialProtocol(measure, 1, set)]).size).toBe(8);
    const fixed = measureConfig.parse({ attack: { randomStart: false } });
    expect(adversarialProtocol(fixed, 0, set)).toBe(adversarialProtocol(fixed, 1, set));
    expect(adversarialProtocol({ ...measure, images: 10, suites: ['ADVERSARIAL'] }, 0, set)).toBe(adversarialProtocol(measure, 0, set));
  });

  it('write distances as people do', () => {
    expect([pixels(8 / 255), pixels(0.3), pixels(0), pixels(1), pixels(2 / 225)]).toEqual(['8/255', '0.3', '0', '1', String(2 / 225)]);
  });
});
