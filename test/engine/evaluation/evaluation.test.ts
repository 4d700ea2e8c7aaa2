import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { pixels } from '../../../engine/attacks/description.ts';
import { measureConfig } from '../../../engine/config.ts';
import type { ImageSet } from '../../../engine/data/splits.ts';
import { meanAccuracy, metricOf, ofSuite, planMeasurements } from '../../../engine/evaluation/measurement.ts';
import { pairedDifference } from '../../../engine/evaluation/paired.ts';
import { canonicalJson, protocolOf } from '../../../engine/evaluation/protocol.ts';
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

describe('a protocol', () => {
  const set = syntheticSet(10, [2, 2, 1]);
  const official: ImageSet = { ...set, source: { ...set.source, official: true } };
  const protocols = (changes: object, images = official) =>
    planMeasurements(measureConfig.parse(changes)).map(({ measurement }) => protocolOf(measurement, images));

  it('says how and on which images', () => {
    expect(protocols({}).map(({ text }) => text)).toEqual([
      'standard; synthetic holdout[0:10]',
      'adversarial: PGD linf eps=8/255 step=2/255 steps=10 random-start restarts=1 loss=cross-entropy-or-margin any-step; synthetic holdout[0:10]',
    ]);
    expect(protocols({ suites: ['STANDARD'] }, set)[0]?.text).toBe('standard; synthetic holdout[0:10] of sha256 555555555555');
    const [ood] = [{ suite: 'OOD' as const, corruption: 'fog', severity: 3 }].map((one) => protocolOf(one, official));
    expect(ood?.text).toBe('ood: fog severity 3; synthetic holdout[0:10]');
  });

  it('differs, in words and in its fingerprint, exactly where the measurement or the images do', () => {
    const changed = [
      { attack: { epsilon: 4 / 255 } },
      { attack: { stepSize: 2 / 225 } },
      { attack: { steps: 20 } },
      { attack: { restarts: 3 } },
      { attack: { randomStart: false } },
      { rule: 'LAST_STEP' },
      {},
    ].map((changes) => protocols({ suites: ['ADVERSARIAL'], ...changes })[0]);
    const others = [
      { ...set, source: { ...set.source, sha256: '6'.repeat(64) } },
      { ...official, count: 9, description: 'synthetic holdout[0:9]' },
      { ...official, source: { ...official.source, name: 'test' }, description: 'synthetic test[0:10]' },
    ].map((images) => protocols({ suites: ['ADVERSARIAL'] }, images)[0]);
    const all = [...changed, ...others];
    expect(new Set(all.map((one) => one?.text)).size).toBe(10);
    expect(new Set(all.map((one) => one?.fingerprint)).size).toBe(10);
    const [same] = protocols({ suites: ['ADVERSARIAL'], images: 10 });
    expect(same).toEqual(changed.at(-1));
  });

  it('has the SHA-256 of canonical JSON as its fingerprint', () => {
    const data = { dataset: 'synthetic', split: 'holdout', sha256: '5'.repeat(64), images: 10 };
    const json = `{"data":{"dataset":"synthetic","images":10,"sha256":"${data.sha256}","split":"holdout"},"suite":"STANDARD"}`;
    expect(protocols({})[0]?.fingerprint).toBe(createHash('sha256').update(json).digest('hex'));
    expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: 0.1, no: undefined })).toBe('{"a":0.1,"b":[1,{"c":"x","d":null}]}');
  });

  it('writes distances as people do', () => {
    expect([pixels(8 / 255), pixels(0.3), pixels(0), pixels(1), pixels(2 / 225)]).toEqual(['8/255', '0.3', '0', '1', String(2 / 225)]);
  });
});

describe('measurements', () => {
  const fog = (severity: number, correct: number) => ({ suite: 'OOD' as const, corruption: 'fog', severity, correct, images: 10 });
  const pgd = { suite: 'ADVERSARIAL' as const, attack: { name: 'PGD' }, correct: 4, images: 10 };
  const square = { ...pgd, attack: { name: 'SQUARE' }, correct: 3 };

  it('have one name each', () => {
    expect([{ suite: 'STANDARD' as const }, pgd, square, fog(3, 1)].map(metricOf)).toEqual([
      'standard',
      'robust',
      'robust.SQUARE',
      'ood.fog.3',
    ]);
  });

  it('make up the number of their suite: the main attack, or the mean over corruptions', () => {
    const all = [pgd, square, fog(1, 9), fog(2, 5), fog(2, 6)];
    expect(ofSuite(all, 'ADVERSARIAL')).toEqual([pgd]);
    expect(ofSuite([square], 'ADVERSARIAL')).toEqual([]);
    expect(meanAccuracy(ofSuite(all, 'OOD'))).toBeCloseTo(0.75, 12);
    expect(meanAccuracy(ofSuite(all, 'STANDARD'))).toBeUndefined();
  });
});

describe('a paired difference', () => {
  const flags = (text: string) => Uint8Array.from(text, Number);

  it('counts what only one of the two got right', () => {
    const found = pairedDifference(flags('1110001111'), flags('1011001110'));
    expect(found).toMatchObject({ images: 10, onlyFirst: 2, onlySecond: 1, pValue: 1 });
    expect(found.difference).toBeCloseTo(-0.1, 12);
    expect(found.low).toBeLessThan(-0.1);
    expect(found.high).toBeGreaterThan(0);
  });

  /** Exact binomial tails: 2 x P(heads at most the smaller) of n tosses. */
  it.each([
    [0, 5, 0.0625],
    [1, 9, 0.021484375],
    [0, 6, 0.03125],
    [3, 3, 1],
    [0, 0, 1],
  ])('of %i against %i images has the p value %f', (first, second, expected) => {
    const rest = '1'.repeat(20);
    const one = flags(`${'1'.repeat(first)}${'0'.repeat(second)}${rest}`);
    const other = flags(`${'0'.repeat(first)}${'1'.repeat(second)}${rest}`);
    expect(pairedDifference(one, other).pValue).toBeCloseTo(expected, 12);
    expect(pairedDifference(other, one).pValue).toBeCloseTo(expected, 12);
  });

  it('has an interval that turns with its sign and holds for thousands of differences', () => {
    const one = Uint8Array.from({ length: 10_000 }, (_, image) => (image % 3 === 0 ? 1 : 0));
    const other = Uint8Array.from({ length: 10_000 }, (_, image) => (image % 2 === 0 ? 1 : 0));
    const there = pairedDifference(one, other);
    const back = pairedDifference(other, one);
    expect(there.low).toBeCloseTo(-back.high, 12);
    expect(there.low).toBeLessThan(there.difference);
    expect(there.high).toBeGreaterThan(there.difference);
    expect(there.high - there.low).toBeLessThan(0.04);
    expect(there.pValue).toBeLessThan(1e-12);
    expect(there.pValue).toBeGreaterThan(0);
  });

  it('refuses different numbers of images', () => {
    expect(() => pairedDifference(flags('11'), flags('1'))).toThrow('2 and 1 outcomes');
  });
});
