import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Backend, CompileOptions, HostArray, HostArrays, Step } from '../../../engine/backends/backend.ts';
import { CpuBackend } from '../../../engine/backends/cpu.ts';
import { OnnxBackend } from '../../../engine/backends/onnx/onnx.ts';
import { TensorflowBackend } from '../../../engine/backends/tensorflow/tensorflow.ts';
import { convolution } from '../../../engine/ops/convolution.ts';
import { maxPooling } from '../../../engine/ops/pooling.ts';
import { describeBackends } from '../../helpers/backends.ts';
import { distance, randomArray, randomLabels } from '../arrays.ts';
import { attackStep, classes, forwardStep, moduleStep, networkWeights, trainingStep } from './steps.ts';

const oracle = new CpuBackend();
const known = new Map<string, Promise<HostArrays>>();

/** What plain arithmetic gives, once for all backends: name says the step and its inputs. */
function oracleOf(name: string, step: Step, options: CompileOptions, inputs: HostArrays): Promise<HostArrays> {
  const run = async () => {
    const compiled = oracle.compile(name, step, options);
    const outputs = await compiled.run(inputs);
    await compiled.dispose();
    return outputs;
  };
  const outputs = known.get(name) ?? run();
  known.set(name, outputs);
  return outputs;
}

const backends = {
  onnx: () => new OnnxBackend({ threads: 2 }),
  'onnx without blocks': () => new OnnxBackend({ threads: 2, block: 1 }),
  tensorflow: () => new TensorflowBackend({ threads: 2, kind: 'cpu', index: 0, tf32: false }),
};

const images = { ...randomArray([6, 9, 8, 3], 1, 0.5) };
for (const [index, value] of images.data.entries()) images.data[index] = value + 0.5;
const labels = randomLabels(6, classes, 2);
const weights = networkWeights();
const split: CompileOptions = { parallelism: 'images', constants: weights };

const cases = [
  ['onnx', 'onnx'],
  ['onnx', 'onnx without blocks'],
  ['tensorflow', 'tensorflow'],
] as const;

describeBackends(cases, 'a traced step gives what the cpu backend gives: %s, %s', (_name, variant) => {
  let backend: Backend;
  beforeAll(() => {
    backend = backends[variant]();
  });
  afterAll(() => backend.dispose());

  async function expectSame(name: string, step: Step, options: CompileOptions, inputs: HostArrays, tolerance = 2e-6): Promise<void> {
    const actual = backend.compile(name, step, options);
    const [wanted, got] = await Promise.all([oracleOf(name, step, options, inputs), actual.run(inputs)]);
    expect(Object.keys(got).sort()).toEqual(Object.keys(wanted).sort());
    for (const [output, array] of Object.entries(wanted))
      expect({ output, close: distance(got[output] as HostArray, array) < tolerance }).toEqual({ output, close: true });
    await actual.dispose();
  }

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

  /** Images, side, channels, filters, kernel, stride, padding: channels and images that fill blocks of 16 or do not. */
  const convolutions = [
    [16, 6, 16, 16, 3, 1, 1],
    [20, 7, 16, 32, 3, 2, 1],
    [3, 8, 16, 32, 3, 2, 1],
    [3, 8, 16, 32, 4, 2, 1],
    [3, 8, 16, 16, 5, 2, 2],
    [3, 8, 32, 16, 1, 2, 0],
    [3, 8, 16, 16, 2, 2, 0],
    [5, 6, 32, 16, 1, 2, 0],
    [3, 8, 3, 16, 3, 1, 1],
    [17, 5, 16, 10, 3, 1, 1],
    [2, 9, 24, 20, 4, 2, 1],
    [4, 5, 48, 16, 2, 1, 0],
    [2, 6, 16, 16, 5, 1, 0],
    [48, 4, 16, 16, 3, 1, 1],
    [33, 6, 32, 64, 3, 2, 1],
    [32, 8, 16, 32, 1, 2, 0],
    [2, 18, 3, 64, 3, 1, 1],
    [18, 36, 1, 64, 3, 2, 1],
    [4, 8, 3, 16, 4, 2, 1],
    [4, 8, 3, 8, 3, 2, 1],
    [4, 8, 4, 24, 5, 2, 2],
    [4, 8, 1, 40, 2, 2, 0],
  ];
  it.each(convolutions)('convolution of %i images of %i pixels, %i to %i channels, kernel %i, stride %i, padding %i', (...sizes) => {
    const [count, side, channels, filters, size, stride, padding] = sizes as [number, number, number, number, number, number, number];
    const step: Step = ({ x, kernel }) => {
      const convolve = (a: tf.Tensor, b: tf.Tensor) => tf.relu(convolution(a as tf.Tensor4D, b as tf.Tensor4D, stride, padding));
      const loss = (a: tf.Tensor, b: tf.Tensor) => tf.sum(tf.square(convolve(tf.relu(a), b)));
      const [ofImages, ofKernel] = tf.grads(loss)([x as tf.Tensor, kernel as tf.Tensor]) as [tf.Tensor, tf.Tensor];
      return { y: convolve(x as tf.Tensor, kernel as tf.Tensor), ofImages, ofKernel };
    };
    const inputs = { x: randomArray([count, side, side, channels], 1), kernel: randomArray([size, size, channels, filters], 2) };
    return expectSame(`convolution ${sizes}`, step, { parallelism: 'threads' }, inputs);
  });

  const mixtures: Record<string, (y: tf.Tensor4D, vector: tf.Tensor) => tf.Tensor> = {
    'numbers a channel on either side': (y, v) => tf.sub(v, tf.div(tf.mul(tf.sub(y, v), v), tf.add(v, 2))),
    'numbers an image and channel': (y, v) => tf.mul(tf.mean(y, [1, 2], true), tf.add(v, y)),
    'numbers a position': (y) => tf.sub(y, tf.mean(y, [0, 3], true)),
    'numbers a position and channel': (y) => tf.mul(y, tf.slice(y, [1, 0, 0, 0], [1, 6, 6, 16])),
    'an unblocked operand': (y) =>
      tf.add(
        y,
        tf.pad(tf.slice(y, [0, 0, 0, 0], [4, 5, 6, 16]), [
          [0, 0],
          [1, 0],
          [0, 0],
          [0, 0],
        ]),
      ),
    'a sum with a convolution, a shift and relu': (y, v) => tf.relu(tf.add(tf.add(tf.conv2d(y, tf.ones([1, 1, 16, 16]), 1, 0), v), y)),
    'a convolution used twice': (y, v) => {
      const second = tf.conv2d(y, tf.ones([1, 1, 16, 16]), 1, 0);
      return tf.mul(tf.relu(tf.add(second, v)), second);
    },
    'truth values': (y, v) => tf.where(tf.greater(y, tf.reshape(v, [1, 1, 1, 16])), y, tf.zerosLike(y)),
    'truth values that leave the blocks': (y) => tf.sum(tf.cast(tf.transpose(tf.greater(y, 0.5), [0, 3, 1, 2]), 'float32'), 3),
    'sums along other axes': (y) => tf.add(tf.sum(y, [0, 3], true), tf.max(y, [1], true)),
    'an operand of five axes': (y) => tf.sum(tf.mul(tf.reshape(tf.mean(y, [1, 2, 3]), [4, 1, 1, 1, 1]), y), 0),
    'sums of all': (y) =>
      tf.concat([tf.reshape(tf.sum(y, [0, 1, 2]), [16]), tf.reshape(tf.mean(y, [1, 2]), [64]), tf.reshape(tf.sum(y), [1])]),
    'the gradient of two convolutions of stride 2': (y) => {
      const convolve = (z: tf.Tensor, size: number, padding: number) =>
        tf.conv2d(z as tf.Tensor4D, tf.ones([size, size, 16, 16]), 2, padding);
      return tf.grad((z: tf.Tensor) => tf.sum(tf.square(tf.add(convolve(z, 3, 1), convolve(z, 1, 0)))))(y);
    },
    'maximum pooling and its gradient': (y) => tf.grad((z: tf.Tensor) => tf.sum(tf.square(maxPooling(z as tf.Tensor4D))))(y),
  };
  it.each(Object.keys(mixtures))('blocks with %s', (name) => {
    const mixture = mixtures[name] as (y: tf.Tensor4D, vector: tf.Tensor) => tf.Tensor;
    const step: Step = ({ x, kernel, vector }) => ({
      y: mixture(convolution(x as tf.Tensor4D, kernel as tf.Tensor4D, 1, 1), vector as tf.Tensor),
    });
    const inputs = { x: randomArray([4, 6, 6, 16], 1), kernel: randomArray([3, 3, 16, 16], 2, 0.3), vector: randomArray([16], 3) };
    return expectSame(`blocks with ${name}`, step, { parallelism: 'threads' }, inputs);
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
