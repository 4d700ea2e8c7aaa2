import { describe, expect, it } from 'vitest';
import type { Split } from '../../../engine/config.ts';
import { cifar10 } from '../../../engine/data/cifar10.ts';
import { mnist } from '../../../engine/data/mnist.ts';
import { loadSplit, type SplitRequest, splitPositions } from '../../../engine/data/splits.ts';
import { bytesOf } from '../synthetic.ts';

const positions = (split: Split, changes: Partial<SplitRequest> = {}) =>
  splitPositions(cifar10, { split, protocol: 'HOLD_OUT', trainedHere: true, ...changes });
const union = (...sets: Int32Array[]) => new Set(sets.flatMap((set) => [...set]));

describe('splits of a network trained here', () => {
  it('cut holdout out of the training images: disjoint, together everything', () => {
    const train = positions('train');
    const holdout = positions('holdout');
    expect([train.part, holdout.part]).toEqual(['train', 'train']);
    expect([train.positions.length, holdout.positions.length]).toEqual([45_000, 5_000]);
    expect(union(train.positions, holdout.positions).size).toBe(50_000);
  });

  it('are the same for every run and protocol', () => {
    expect([...positions('holdout').positions.slice(0, 5)]).toEqual([44444, 12882, 46962, 16169, 12969]);
    expect(positions('train', { protocol: 'PAPER' })).toEqual(positions('train'));
    expect(positions('holdout', { protocol: 'PAPER' })).toEqual(positions('holdout'));
  });

  it('keep test in official order', () => {
    const test = positions('test');
    expect(test.part).toBe('test');
    expect([...test.positions.slice(0, 3), test.positions.length]).toEqual([0, 1, 2, 10_000]);
  });
});

describe('splits of a network from elsewhere', () => {
  it('halve test, and say so', () => {
    const holdout = positions('holdout', { trainedHere: false });
    const test = positions('test', { trainedHere: false });
    expect([holdout.part, test.part]).toEqual(['test', 'test']);
    expect([holdout.positions.length, test.positions.length]).toEqual([5_000, 5_000]);
    expect(union(holdout.positions, test.positions).size).toBe(10_000);
    expect([holdout.name, test.name]).toEqual(['holdout half of test', 'other half of test']);
    expect([...test.positions]).toEqual([...test.positions].sort((first, second) => first - second));
  });

  it('use all of test where the paper chooses on test', () => {
    expect(positions('test', { trainedHere: false, protocol: 'PAPER' }).positions.length).toBe(10_000);
  });

  it('train on all training images, those of train first', () => {
    const train = positions('train', { trainedHere: false }).positions;
    expect(new Set(train).size).toBe(50_000);
    expect(train.slice(0, 45_000)).toEqual(positions('train').positions);
  });
});

describe('a loaded split', () => {
  it('takes images from the front and describes them', async () => {
    const request = { split: 'holdout', protocol: 'HOLD_OUT', trainedHere: true } as const;
    const some = await loadSplit(mnist, '', { ...request, images: 20 });
    const more = await loadSplit(mnist, '', { ...request, images: 40 });
    expect(some).toMatchObject({ dataset: 'mnist', split: 'holdout', description: 'mnist holdout[0:20]', count: 20, shape: [28, 28, 1] });
    expect(bytesOf(more).subarray(0, 20 * 784)).toEqual(bytesOf(some));
    expect(more.labels.subarray(0, 20)).toEqual(some.labels);
  });

  it('has no more images than there are', async () => {
    const all = await loadSplit(mnist, '', { split: 'test', protocol: 'PAPER', trainedHere: true, images: 1e6 });
    expect(all).toMatchObject({ count: 10_000, description: 'mnist test[0:10000]' });
  });
});
