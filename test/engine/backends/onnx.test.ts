import * as tf from '@tensorflow/tfjs-core';
import { afterAll, describe, expect, it } from 'vitest';
import type { CompileOptions, HostArray, HostArrays, Step } from '../../../engine/backends/backend.ts';
import { CpuBackend } from '../../../engine/backends/cpu.ts';
import { OnnxBackend } from '../../../engine/backends/onnx/onnx.ts';
import { distance, randomArray, randomLabels } from '../arrays.ts';
import { attackStep, classes, forwardStep, moduleStep, networkWeights, trainingStep } from './steps.ts';

const oracle = new CpuBackend();
const backend = new OnnxBackend(2);
afterAll(() => backend.dispose());

const images = { ...randomArray([6, 9, 8, 3], 1, 0.5) };
for (const [index, value] of images.data.entries()) images.data[index] = value + 0.5;
const labels = randomLabels(6, classes, 2);
const weights = networkWeights();
const split: CompileOptions = { parallelism: 'images', constants: weights };

async function expectSame(name: string, step: Step, options: CompileOptions, inputs: HostArrays, tolerance = 2e-6): Promise<void> {
  const [expected, actual] = [oracle.compile(name, step, options), backend.compile(name, step, options)];
  const [wanted, got] = await Promise.all([expected.run(inputs), actual.run(inputs)]);
  expect(Object.keys(got).sort()).toEqual(Object.keys(wanted).sort());
  for (const [output, array] of Object.entries(wanted))
    expect({ output, close: distance(got[output] as HostArray, array) < tolerance }).toEqual({ output, close: true });
  await Promise.all([expected.dispose(), actual.dispose()]);
}

describe('a traced step gives what the cpu backend gives', () => {
  it('forward pass, weights built in', () => expectSame('forward', forwardStep, split, { images, labels }));
  it('forward pass, weights given at every run', () =>
    expectSame('forward', forwardStep, { parallelism: 'threads' }, { ...weights, images, labels }));
  it('attack step', () => expectSame('attack', attackStep, split, { images, adversarial: images, labels }));
  it('attack step, weights given at every run', () =>
    expectSame('attack', attackStep, { parallelism: 'calls' }, { ...weights, images, adversarial: images, labels }));
  it('training step with batch statistics', () => {
    const { mean, variance, ...trained } = weights;
    return expectSame('training', trainingStep, { parallelism: 'threads' }, { ...trained, images, labels }, 5e-6);
  });
  it('gradient of one module', () => {
    const { middle, ...constants } = weights;
    return expectSame('module', moduleStep, { parallelism: 'calls', constants }, { middle: middle as HostArray, images, labels });
  });

  const a = randomArray([2, 4, 4, 3], 3);
  const positive = { ...a, data: (a.data as Float32Array).map((value) => Math.abs(value) + 0.1) };
  const operations: Record<string, (x: tf.Tensor) => tf.Tensor> = {
    'arithmetic with channels': (x) => tf.div(tf.sub(tf.add(x, tf.tensor1d([1, 2, 3])), 0.5), tf.tensor1d([3, 2, 1])),
    'powers and roots': (x) => tf.add(tf.add(tf.sqrt(x), tf.rsqrt(x)), tf.add(tf.square(x), tf.squaredDifference(x, tf.scalar(2)))),
    exponentials: (x) => tf.add(tf.exp(x), tf.add(tf.log(x), tf.add(tf.sigmoid(x), tf.tanh(x)))),
    'signs and steps': (x) => tf.add(tf.add(tf.sign(tf.sub(x, 0.5)), tf.step(tf.sub(x, 0.5))), tf.abs(tf.neg(x))),
    'extremes and clipping': (x) => tf.clipByValue(tf.maximum(x, tf.minimum(x, 0.4)), 0.2, 0.7),
    'comparisons and choice': (x) =>
      tf.where(tf.logicalAnd(tf.greater(x, 0.3), tf.logicalNot(tf.greaterEqual(x, 0.8))), x, tf.cast(tf.notEqual(x, 0.5), 'float32')),
    'sums over every axis': (x) => tf.add(tf.sum(x), tf.add(tf.sum(x, [0, 1, 2]), tf.add(tf.sum(x, 0), tf.sum(x, [1, 2], true)))),
    'means and extremes along axes': (x) => tf.add(tf.mean(x, [1, 2], true), tf.add(tf.max(x, 3, true), tf.min(x, [0, 2], true))),
    shapes: (x) =>
      tf.concat(
        [
          tf.transpose(tf.reshape(x, [8, 12])),
          tf.pad(tf.slice(tf.reshape(x, [12, 8]), [2, 1], [10, 7]), [
            [2, 0],
            [1, 0],
          ]),
        ],
        0,
      ),
    'broadcast and tile': (x) =>
      tf.add(tf.broadcastTo(tf.mean(x, [0, 1, 2]), [2, 4, 4, 3]), tf.tile(tf.slice(x, [0, 0, 0, 0], [1, 4, 2, 3]), [2, 1, 2, 1])),
    'matrix products': (x) => {
      const matrix = tf.reshape(x, [8, 12]) as tf.Tensor2D;
      const stack = tf.reshape(x, [2, 4, 12]) as tf.Tensor3D;
      return tf.add(tf.matMul(matrix, matrix, true, false), tf.sum(tf.matMul(stack, stack, true, false), 0));
    },
    softmax: (x) => tf.add(tf.softmax(x), tf.logSoftmax(x)),
    'index of the largest': (x) => tf.argMax(x, 3),
    'one-hot and gather': (x) =>
      tf.add(tf.gather(x, tf.tensor1d([1, 0, 1], 'int32')), tf.reshape(tf.oneHot(tf.tensor1d([2, 0, 1], 'int32'), 3), [3, 1, 1, 3])),
    'constants only': () => tf.add(tf.fill([2, 2], 3), tf.onesLike(tf.zeros([2, 2]))),
    'truth values': (x) => tf.less(x, 0.5),
  };
  it.each(Object.keys(operations))('%s', (name) => {
    const operation = operations[name] as (x: tf.Tensor) => tf.Tensor;
    return expectSame(name, ({ x }) => ({ y: operation(tf.add(x as tf.Tensor, 0)) }), { parallelism: 'calls' }, { x: positive });
  });
});
