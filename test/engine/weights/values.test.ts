import { describe, expect, it } from 'vitest';
import { cifar10 } from '../../../engine/data/cifar10.ts';
import { mnist } from '../../../engine/data/mnist.ts';
import { buildNetwork } from '../../../engine/models/architectures.ts';
import { norm } from '../../../engine/ops/arrays.ts';
import { checkWeights, initialWeights } from '../../../engine/weights/initial.ts';
import { interpolate } from '../../../engine/weights/interpolation.ts';
import { mergeWeights } from '../../../engine/weights/merge.ts';
import type { Weights } from '../../../engine/weights/weights.ts';

const network = buildNetwork('RESNET8', {}, cifar10);
const base = initialWeights(network, 0);
const other = initialWeights(network, 1);
const entry = (weights: Weights, name: string) => weights[name] as Weights[string];
const deviation = (values: ArrayLike<number>) => Math.sqrt(Array.from(values).reduce((sum, value) => sum + value ** 2, 0) / values.length);

describe('initial weights', () => {
  it('repeat by seed and differ between seeds', () => {
    expect(initialWeights(network, 0)).toEqual(base);
    expect(entry(other, 'conv1.weight').data).not.toEqual(entry(base, 'conv1.weight').data);
  });

  it('follow PyTorch: uniform within 1 / sqrt(inputs), batch-norm 1 and 0', () => {
    const { data } = entry(base, 'layer2.0.conv2.weight');
    const bound = 1 / Math.sqrt(9 * 32);
    expect(Math.max(...data.map(Math.abs))).toBeLessThanOrEqual(bound);
    expect(deviation(data)).toBeCloseTo(bound / Math.sqrt(3), 3);
    expect(new Set(entry(base, 'bn1.weight').data)).toEqual(new Set([1]));
    expect(new Set(entry(base, 'bn1.running_var').data)).toEqual(new Set([1]));
    expect(new Set(entry(base, 'bn1.bias').data)).toEqual(new Set([0]));
  });

  it('follow the wide residual network: normal by filters, no bias', () => {
    const wide = initialWeights(buildNetwork('WRN28_10', {}, cifar10), 0);
    expect(deviation(entry(wide, 'block1.layer.0.conv1.weight').data)).toBeCloseTo(Math.sqrt(2 / (9 * 160)), 3);
    expect(new Set(entry(wide, 'fc.bias').data)).toEqual(new Set([0]));
  });

  it('follow TRADES: He-normal convolutions, last module zero', () => {
    const small = initialWeights(buildNetwork('SMALL_CNN', {}, mnist), 0);
    expect(deviation(entry(small, 'feature_extractor.conv2.weight').data)).toBeCloseTo(Math.sqrt(2 / (9 * 32)), 2);
    expect(norm(entry(small, 'classifier.fc3.weight'))).toBe(0);
  });
});

describe('a check of weights', () => {
  const change = (changes: Weights): Weights => ({ ...base, ...changes });

  it('lets fitting weights through, in network order', () => {
    const shuffled = Object.fromEntries(Object.entries(base).reverse());
    expect(Object.keys(checkWeights(network, shuffled))).toEqual(Object.keys(base));
  });

  it('names what is missing, unknown, of another shape or not finite', () => {
    const { 'bn1.bias': _left, ...lacking } = base;
    expect(() => checkWeights(network, lacking)).toThrow('The checkpoint lacks bn1.bias of RESNET8.');
    expect(() => checkWeights(network, change({ 'head.bias': entry(base, 'bn1.bias') }))).toThrow('The checkpoint has head.bias');
    const wide = initialWeights(buildNetwork('RESNET8', {}, { ...cifar10, classes: 100 }), 0);
    expect(() => checkWeights(network, wide)).toThrow("linear.weight has the shape [100, 64], expected [10, 64] (PyTorch's layout).");
    const broken = { ...entry(base, 'bn1.bias'), data: entry(base, 'bn1.bias').data.slice() };
    broken.data[3] = Number.NaN;
    expect(() => checkWeights(network, change({ 'bn1.bias': broken }))).toThrow('bn1.bias holds NaN at entry 3');
  });
});

describe('interpolation of weights', () => {
  it('gives its ends exactly and the middle in between, running statistics too', () => {
    const tuned = { ...other, 'bn1.running_var': { ...entry(other, 'bn1.running_var'), data: new Float32Array(16).fill(3) } };
    expect(interpolate(base, tuned, 0)).toEqual(base);
    expect(interpolate(base, tuned, 1)).toEqual(tuned);
    expect(new Set(entry(interpolate(base, tuned, 0.5), 'bn1.running_var').data)).toEqual(new Set([2]));
  });

  it('refuses weights of two networks', () => {
    expect(() => interpolate(base, initialWeights(buildNetwork('RESNET18', {}, cifar10), 0), 0.5)).toThrow('different networks');
  });
});

describe('merging fine-tuned weights', () => {
  const filled = (name: string, value: number) => ({ ...entry(base, name), data: entry(base, name).data.slice().fill(value) });

  it('takes what one changed from it, and the mean of what several did', () => {
    const first = {
      ...base,
      'layer2.0.conv1.weight': filled('layer2.0.conv1.weight', 1),
      'bn1.running_mean': filled('bn1.running_mean', 2),
    };
    const second = { ...base, 'linear.bias': filled('linear.bias', 3), 'bn1.running_mean': filled('bn1.running_mean', 5) };
    const { weights, averaged } = mergeWeights(base, [first, second]);
    expect(averaged).toEqual(['bn1.running_mean']);
    const expected = { 'layer2.0.conv1.weight': 1, 'linear.bias': 3, 'bn1.running_mean': 3.5 };
    const same = Object.keys(base).filter((name) => weights[name] === base[name]);
    expect([...same, ...Object.keys(expected)].sort()).toEqual(Object.keys(base).sort());
    for (const [name, value] of Object.entries(expected)) expect(new Set(entry(weights, name).data)).toEqual(new Set([value]));
    expect(mergeWeights(base, [second, first]).weights).toEqual(weights);
    expect(mergeWeights(base, [first]).weights).toEqual(first);
  });

  it('refuses weights of two networks', () => {
    expect(() => mergeWeights(base, [other, initialWeights(buildNetwork('RESNET18', {}, cifar10), 0)])).toThrow('different networks');
  });
});
