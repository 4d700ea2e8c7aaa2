import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { Tensors } from '../../../engine/backends/backend.ts';
import { activationNames, activations, leakyRelu } from '../../../engine/ops/activation.ts';
import { attention } from '../../../engine/ops/attention.ts';
import { convolution } from '../../../engine/ops/convolution.ts';
import { foldLayerNormalisation, standardise } from '../../../engine/ops/layer-normalisation.ts';
import { linear } from '../../../engine/ops/linear.ts';
import { crossEntropy } from '../../../engine/ops/losses.ts';
import { batchNormalisation, batchNormalisationTraining } from '../../../engine/ops/normalisation.ts';
import { normalisedConvolution } from '../../../engine/ops/normalised-convolution.ts';
import { averagePooling, globalAveragePooling, maxPooling } from '../../../engine/ops/pooling.ts';
import { randomArray, randomLabels } from '../arrays.ts';
import { gradientError } from '../differences.ts';

type Four = tf.Tensor4D;
type One = tf.Tensor1D;

const convolutions = [
  { size: 3, stride: 1, padding: 1 },
  { size: 3, stride: 2, padding: 1 },
  { size: 1, stride: 2, padding: 0 },
  { size: 4, stride: 2, padding: 1 },
  { size: 2, stride: 1, padding: 0 },
];

const vector = (seed: number, offset = 0) => {
  const array = randomArray([3], seed);
  return { ...array, data: (array.data as Float32Array).map((value) => value * 0.5 + offset) };
};

describe('gradients agree with finite differences', () => {
  it.each(convolutions)('convolution %o', async ({ size, stride, padding }) => {
    const inputs = { x: randomArray([2, 6, 5, 3], 1), kernel: randomArray([size, size, 3, 4], 2) };
    const error = await gradientError(({ x, kernel }) => convolution(x as Four, kernel as Four, stride, padding), inputs);
    expect(error).toBeLessThan(2e-3);
  });

  it('linear', async () => {
    const inputs = { x: randomArray([3, 4], 1), weight: randomArray([4, 5], 2), bias: randomArray([5], 3) };
    const error = await gradientError(({ x, weight, bias }) => linear(x as tf.Tensor2D, weight as tf.Tensor2D, bias as One), inputs);
    expect(error).toBeLessThan(1e-3);
  });

  it('batch normalisation with running statistics', async () => {
    const inputs = { x: randomArray([2, 3, 2, 3], 1), mean: vector(2), variance: vector(3, 1), scale: vector(4, 1), offset: vector(5) };
    const operation = ({ x, mean, variance, scale, offset }: Tensors) =>
      batchNormalisation(x as Four, { mean: mean as One, variance: variance as One, scale: scale as One, offset: offset as One });
    expect(await gradientError(operation, inputs)).toBeLessThan(2e-3);
  });

  it('batch normalisation with statistics of the batch', async () => {
    const inputs = { x: randomArray([3, 3, 2, 3], 1), scale: vector(4, 1), offset: vector(5) };
    const operation = ({ x, scale, offset }: Tensors) =>
      batchNormalisationTraining(x as Four, { scale: scale as One, offset: offset as One }).y;
    expect(await gradientError(operation, inputs)).toBeLessThan(2e-3);
  });

  it.each(convolutions)('a convolution normalised with statistics of the batch %o', async ({ size, stride, padding }) => {
    const inputs = {
      ...{ x: randomArray([3, 6, 5, 3], 1), kernel: randomArray([size, size, 3, 3], 2) },
      ...{ scale: vector(4, 1), offset: vector(5) },
    };
    const operation = ({ x, kernel, scale, offset }: Tensors) =>
      normalisedConvolution(x as Four, kernel as Four, { stride, padding }, { scale: scale as One, offset: offset as One }).y;
    expect(await gradientError(operation, inputs)).toBeLessThan(4e-3);
  });

  it('statistics of the batch themselves', async () => {
    const inputs = { x: randomArray([3, 3, 2, 3], 1) };
    const affine = () => ({ scale: tf.ones([3]) as One, offset: tf.zeros([3]) as One });
    const operation = ({ x }: Tensors) => {
      const { mean, unbiasedVariance } = batchNormalisationTraining(x as Four, affine());
      return tf.add(mean, unbiasedVariance);
    };
    expect(await gradientError(operation, inputs)).toBeLessThan(2e-3);
  });

  it('layer normalisation in front of a linear module', async () => {
    const inputs = {
      x: randomArray([4, 3], 1),
      scale: vector(4, 1),
      offset: vector(5),
      weight: randomArray([3, 5], 6),
      bias: randomArray([5], 7),
    };
    const operation = ({ x, scale, offset, weight, bias }: Tensors) => {
      const folded = foldLayerNormalisation({ weight: weight as tf.Tensor2D, bias: bias as One }, scale as One, offset as One);
      return linear(standardise(x as tf.Tensor2D, 1e-6), folded.weight, folded.bias);
    };
    expect(await gradientError(operation, inputs)).toBeLessThan(2e-3);
  });

  it.each([5, 1])('attention of two heads, asked by %i of 5 tokens', async (asking) => {
    const inputs = { q: randomArray([asking, 2, 4], 1, 2), k: randomArray([5, 2, 4], 2, 2), v: randomArray([5, 2, 4], 3, 2) };
    const operation = ({ q, k, v }: Tensors) => attention(q as tf.Tensor3D, k as tf.Tensor3D, v as tf.Tensor3D, 2);
    expect(await gradientError(operation, inputs)).toBeLessThan(2e-3);
  });

  it('a split', async () => {
    const operation = ({ x }: Tensors) => {
      const [first, second] = tf.split(x as tf.Tensor2D, [1, 3], 1) as [tf.Tensor2D, tf.Tensor2D];
      return tf.add(tf.square(first), tf.mean(tf.exp(second), 1, true));
    };
    expect(await gradientError(operation, { x: randomArray([3, 4], 1) })).toBeLessThan(1e-3);
  });

  it('cross-entropy', async () => {
    const inputs = { logits: randomArray([4, 5], 1, 3), labels: randomLabels(4, 5, 2) };
    const error = await gradientError(({ logits, labels }) => crossEntropy(logits as tf.Tensor2D, labels as One), inputs);
    expect(error).toBeLessThan(1e-3);
  });

  it('global average pooling', async () => {
    const error = await gradientError(({ x }) => globalAveragePooling(x as Four), { x: randomArray([2, 3, 4, 3], 1) });
    expect(error).toBeLessThan(1e-3);
  });

  const windows = [
    { size: 2, stride: 2, padding: 0 },
    { size: 3, stride: 2, padding: 1 },
    { size: 3, stride: 1, padding: 0 },
  ];
  it.each(windows)('pooling in windows %o', async (given) => {
    const spaced = {
      shape: [1, 6, 5, 2],
      dtype: 'float32' as const,
      data: Float32Array.from({ length: 60 }, (_, index) => ((index * 37) % 60) / 20),
    };
    for (const pool of [averagePooling, maxPooling])
      expect(await gradientError(({ x }) => pool(x as Four, given), { x: spaced })).toBeLessThan(2e-3);
  });

  /** Values at least 0.05 from one another, from 0 and from the bounds below, where slopes change. */
  const apart = {
    a: { shape: [4, 3], dtype: 'float32' as const, data: Float32Array.from({ length: 12 }, (_, index) => (((index * 7) % 12) - 5.7) / 6) },
    b: { shape: [1, 3], dtype: 'float32' as const, data: Float32Array.of(0.13, -0.37, 0.63) },
  };
  it.each(activationNames)('%s', async (name) => {
    expect(await gradientError(({ a }) => activations[name](a as tf.Tensor), { a: apart.a })).toBeLessThan(2e-3);
  });
  it('leakyRelu', async () => {
    expect(await gradientError(({ a }) => leakyRelu(a as tf.Tensor, 0.1), { a: apart.a })).toBeLessThan(2e-3);
  });

  const operations: Record<string, (inputs: Tensors) => tf.Tensor> = {
    'a + b': ({ a, b }) => tf.add(a as tf.Tensor, b as tf.Tensor),
    'a - b': ({ a, b }) => tf.sub(a as tf.Tensor, b as tf.Tensor),
    'a b': ({ a, b }) => tf.mul(a as tf.Tensor, b as tf.Tensor),
    'a / (b + 3)': ({ a, b }) => tf.div(a as tf.Tensor, tf.add(b as tf.Tensor, 3)),
    '(a - b) squared': ({ a, b }) => tf.squaredDifference(a as tf.Tensor, b as tf.Tensor),
    'exp, log, roots': ({ a, b }) =>
      tf.add(tf.log(tf.add(tf.exp(a as tf.Tensor), 1)), tf.mul(tf.sqrt(tf.add(b as tf.Tensor, 2)), tf.rsqrt(tf.add(b as tf.Tensor, 3)))),
    'sigmoid, tanh': ({ a, b }) => tf.mul(tf.sigmoid(a as tf.Tensor), tf.tanh(b as tf.Tensor)),
    softmax: ({ a, b }) => tf.mul(tf.softmax(a as tf.Tensor), tf.logSoftmax(tf.add(a as tf.Tensor, b as tf.Tensor))),
    'extremes along axes': ({ a, b }) => tf.add(tf.max(a as tf.Tensor, 1, true), tf.mul(tf.min(a as tf.Tensor, 0), b as tf.Tensor)),
    'extremes of two, absolute values': ({ a, b }) =>
      tf.add(tf.maximum(a as tf.Tensor, b as tf.Tensor), tf.mul(tf.minimum(a as tf.Tensor, b as tf.Tensor), tf.abs(a as tf.Tensor))),
    'clipping and choice': ({ a, b }) =>
      tf.where(tf.greater(a as tf.Tensor, 0.1), tf.clipByValue(a as tf.Tensor, -0.5, 0.5), tf.mul(b as tf.Tensor, 3)),
    'reductions that keep axes': ({ a, b }) => tf.add(tf.mean(a as tf.Tensor, 0, true), tf.sum(tf.square(b as tf.Tensor), 0, true)),
    'slice, pad, concat, transpose': ({ a, b }) => {
      const row = tf.pad(b as tf.Tensor, [
        [0, 0],
        [1, 0],
      ]);
      return tf.concat([
        tf.transpose(tf.mul(a as tf.Tensor, a as tf.Tensor)),
        row,
        tf.reshape(tf.slice(a as tf.Tensor, [1, 0], [2, 2]), [1, 4]),
      ]);
    },
    'matrix products, transposed': ({ a, b }) => tf.matMul(tf.mul(a as tf.Tensor, b as tf.Tensor), a as tf.Tensor, false, true),
    broadcast: ({ a, b }) => tf.mul(tf.broadcastTo(b as tf.Tensor, [4, 3]), a as tf.Tensor),
  };
  it.each(Object.keys(operations))('%s', async (name) => {
    expect(await gradientError(operations[name] as (inputs: Tensors) => tf.Tensor, apart)).toBeLessThan(3e-3);
  });
});
