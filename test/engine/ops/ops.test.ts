import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { HostArray, HostArrays, Step } from '../../../engine/backends/backend.ts';
import { chooseBackend } from '../../../engine/backends/choose.ts';
import { CpuBackend } from '../../../engine/backends/cpu.ts';
import { differentiate } from '../../../engine/models/differentiate.ts';
import { activations, leakyRelu, relu } from '../../../engine/ops/activation.ts';
import { convolution } from '../../../engine/ops/convolution.ts';
import { foldLayerNormalisation, standardise } from '../../../engine/ops/layer-normalisation.ts';
import { linear } from '../../../engine/ops/linear.ts';
import { crossEntropy, topOneCorrect } from '../../../engine/ops/losses.ts';
import {
  batchNormalisation,
  batchNormalisationTraining,
  foldBatchNormalisation,
  type TrainedNormalisation,
} from '../../../engine/ops/normalisation.ts';
import { normalisedConvolution } from '../../../engine/ops/normalised-convolution.ts';
import { averagePooling, maxPooling } from '../../../engine/ops/pooling.ts';
import { projectLinf } from '../../../engine/ops/projections.ts';
import { RandomStream } from '../../../engine/random.ts';
import { distance, randomArray } from '../arrays.ts';

type Four = tf.Tensor4D;
type Two = tf.Tensor2D;
type One = tf.Tensor1D;

const backend = new CpuBackend();
const evaluate = (step: Step, inputs: HostArrays) => backend.compile('test', step, { parallelism: 'calls' }).run(inputs);
const floats = (shape: number[], values: number[]): HostArray => ({ shape, dtype: 'float32', data: Float32Array.from(values) });
const whole = (values: number[]): HostArray => ({ shape: [values.length], dtype: 'int32', data: Int32Array.from(values) });

/** Cross-correlation by its definition. */
function convolutionByDefinition(x: HostArray, kernel: HostArray, stride: number, padding: number): HostArray {
  const [images, height, width, channels] = x.shape as [number, number, number, number];
  const [rows, columns, , filters] = kernel.shape as [number, number, number, number];
  const length = (side: number, window: number) => Math.floor((side + 2 * padding - window) / stride) + 1;
  const shape = [images, length(height, rows), length(width, columns), filters] as [number, number, number, number];
  const data: number[] = [];
  for (let image = 0; image < images; image++)
    for (let top = 0; top < shape[1]; top++)
      for (let left = 0; left < shape[2]; left++)
        for (let filter = 0; filter < filters; filter++) {
          let sum = 0;
          for (let row = 0; row < rows; row++)
            for (let column = 0; column < columns; column++) {
              const y = top * stride + row - padding;
              const z = left * stride + column - padding;
              if (y < 0 || z < 0 || y >= height || z >= width) continue;
              for (let channel = 0; channel < channels; channel++)
                sum +=
                  (x.data[((image * height + y) * width + z) * channels + channel] as number) *
                  (kernel.data[((row * columns + column) * channels + channel) * filters + filter] as number);
            }
          data.push(sum);
        }
  return floats(shape, data);
}

describe('operations', () => {
  it.each([
    [3, 1, 1],
    [3, 2, 1],
    [1, 2, 0],
    [4, 2, 1],
  ])('convolution with kernel %i, stride %i, padding %i is the cross-correlation of its definition', async (size, stride, padding) => {
    const inputs = { x: randomArray([2, 7, 6, 3], 1), kernel: randomArray([size, size, 3, 5], 2) };
    const { y } = await evaluate(({ x, kernel }) => ({ y: convolution(x as Four, kernel as Four, stride, padding) }), inputs);
    expect(distance(y as HostArray, convolutionByDefinition(inputs.x, inputs.kernel, stride, padding))).toBeLessThan(1e-6);
  });

  it('relu has the slope 0 at 0', async () => {
    const { slope } = await evaluate(({ x }) => ({ slope: tf.grad((input: tf.Tensor) => tf.sum(relu(input)))(x as tf.Tensor) }), {
      x: floats([3], [-1, 0, 2]),
    });
    expect([...(slope as HostArray).data]).toEqual([0, 0, 1]);
  });

  it.each(['onnx', 'cpu'])('a variance that is small beside the mean keeps its digits (%s)', async (name) => {
    const values = new RandomStream(0, 'values of mean 100').fillNormal(new Float32Array(64 * 8 * 8 * 16), 100, 0.1);
    const average = values.reduce((sum, value) => sum + value, 0) / values.length;
    const expected = values.reduce((sum, value) => sum + (value - average) ** 2, 0) / values.length;
    const chosen = await chooseBackend({ name });
    const step = chosen.compile(
      'variance',
      ({ x }) => ({ ...batchNormalisationTraining(x as Four, { scale: tf.ones([16]), offset: tf.zeros([16]) }) }),
      { parallelism: 'threads' },
    );
    const { variance } = await step.run({ x: { shape: [64, 8, 8, 16], dtype: 'float32', data: values } });
    const mean = ((variance as HostArray).data as Float32Array).reduce((sum, value) => sum + value, 0) / 16;
    expect(mean / expected).toBeGreaterThan(0.99);
    expect(mean / expected).toBeLessThan(1.01);
    await step.dispose();
    await chosen.dispose();
  });

  it('batch statistics are those of every channel over images and positions, and normalise to mean 0 and variance 1', async () => {
    const x = randomArray([4, 3, 3, 2], 5, 3);
    const { y, mean, variance, unbiasedVariance } = await evaluate(
      (inputs) => ({
        ...batchNormalisationTraining(inputs.x as Four, { scale: tf.ones([2]), offset: tf.zeros([2]) }),
      }),
      { x },
    );
    for (const channel of [0, 1]) {
      const values = [...x.data].filter((_, index) => index % 2 === channel);
      const average = values.reduce((sum, value) => sum + value, 0) / values.length;
      const squares = values.reduce((sum, value) => sum + (value - average) ** 2, 0);
      expect(mean?.data[channel]).toBeCloseTo(average, 5);
      expect(variance?.data[channel]).toBeCloseTo(squares / values.length, 4);
      expect(unbiasedVariance?.data[channel]).toBeCloseTo(squares / (values.length - 1), 4);
      const normalised = [...(y as HostArray).data].filter((_, index) => index % 2 === channel);
      expect(normalised.reduce((sum, value) => sum + value, 0) / values.length).toBeCloseTo(0, 5);
      expect(normalised.reduce((sum, value) => sum + value ** 2, 0) / values.length).toBeCloseTo(1, 4);
    }
  });

  it.each([
    ['onnx', 3, 1, 1],
    ['onnx', 3, 2, 1],
    ['onnx', 1, 2, 0],
    ['cpu', 3, 2, 1],
  ])(
    'a convolution normalised with batch statistics gives what both give (%s, kernel %i, stride %i)',
    async (name, size, stride, padding) => {
      const inputs = {
        ...{ x: randomArray([5, 8, 8, 16], 1), kernel: randomArray([size, size, 16, 32], 2) },
        ...{ scale: randomArray([32], 3), offset: randomArray([32], 4), along: randomArray([5, 8 / stride, 8 / stride, 32], 5) },
      };
      const chosen = await chooseBackend({ name });
      const step = chosen.compile(
        'both',
        ({ along, ...operands }) => {
          const { x, kernel, scale, offset } = operands as Record<'x' | 'kernel', Four> & Record<'scale' | 'offset', One>;
          const withGradients = (normalised: () => TrainedNormalisation<Four>) => {
            const { gradients, kept } = differentiate(operands, () => {
              const results = normalised();
              return { loss: tf.sum(tf.mul(results.y, along as tf.Tensor)), kept: { ...results } };
            });
            return [...Object.entries(kept), ...Object.entries(gradients)];
          };
          const together = withGradients(() => normalisedConvolution(x, kernel, { stride, padding }, { scale, offset }));
          const apart = withGradients(() => batchNormalisationTraining(convolution(x, kernel, stride, padding), { scale, offset }));
          return Object.fromEntries([...together, ...apart.map(([key, tensor]) => [`apart ${key}`, tensor])]);
        },
        { parallelism: 'threads' },
      );
      const found = await step.run(inputs);
      const names = Object.keys(found).filter((key) => !key.startsWith('apart '));
      expect(names).toHaveLength(8);
      const distances = names.map((key) => [key, distance(found[key] as HostArray, found[`apart ${key}`] as HostArray)]);
      expect(distances.filter(([, far]) => (far as number) > 3e-6)).toEqual([]);
      await step.dispose();
      await chosen.dispose();
    },
  );

  it('a folded batch normalisation gives what convolution and normalisation give', async () => {
    const statistics = {
      mean: randomArray([4], 3),
      scale: randomArray([4], 4),
      offset: randomArray([4], 5),
      variance: floats([4], [0.2, 1, 3, 0.7]),
    };
    const inputs = { x: randomArray([2, 5, 5, 3], 1), kernel: randomArray([3, 3, 3, 4], 2), ...statistics };
    const { apart, folded } = await evaluate(({ x, kernel, mean, variance, scale, offset }) => {
      const normalisation = { mean: mean as One, variance: variance as One, scale: scale as One, offset: offset as One };
      const merged = foldBatchNormalisation(kernel as Four, normalisation);
      return {
        apart: batchNormalisation(convolution(x as Four, kernel as Four, 1, 1), normalisation),
        folded: tf.add(convolution(x as Four, merged.kernel, 1, 1), merged.bias),
      };
    }, inputs);
    expect(distance(folded as HostArray, apart as HostArray)).toBeLessThan(1e-6);
  });

  it.each(['onnx', 'cpu'])('layer normalisation folded into the linear module behind it gives what both give (%s)', async (name) => {
    const [rows, features] = [6, 48];
    const values = {
      x: randomArray([rows, features], 1, 3),
      scale: randomArray([features], 2),
      offset: randomArray([features], 3),
      weight: randomArray([features, 5], 4),
      bias: randomArray([5], 5),
    };
    const chosen = await chooseBackend({ name });
    const step = chosen.compile(
      'normalised',
      ({ x, scale, offset, weight, bias }) => {
        const folded = foldLayerNormalisation({ weight: weight as Two, bias: bias as One }, scale as One, offset as One);
        const normal = tf.div(tf.sub(x as Two, tf.mean(x as Two, 1, true)), tf.sqrt(tf.add(tf.moments(x as Two, 1, true).variance, 1e-6)));
        return {
          folded: linear(standardise(x as Two, 1e-6), folded.weight, folded.bias),
          apart: linear(tf.add(tf.mul(normal, scale as One), offset as One) as Two, weight as Two, bias as One),
        };
      },
      { parallelism: 'calls' },
    );
    const { folded, apart } = await step.run(values);
    expect(distance(folded as HostArray, apart as HostArray)).toBeLessThan(1e-5);
    await step.dispose();
    await chosen.dispose();
  });

  it('activations have the values of PyTorch', async () => {
    const x = floats([5], [-30, -1.5, 0, 0.7, 40]);
    const { leaky, ...found } = await evaluate(
      (inputs) => ({
        ...Object.fromEntries(Object.entries(activations).map(([name, activation]) => [name, activation(inputs.x as tf.Tensor)])),
        leaky: leakyRelu(inputs.x as tf.Tensor, 0.1),
      }),
      { x },
    );
    const expected: Record<string, number[]> = {
      relu: [0, 0, 0, 0.7, 40],
      silu: [-2.8072e-12, -0.27363, 0, 0.46773, 40],
      gelu: [0, -0.10021, 0, 0.53063, 40],
      tanh: [-1, -0.90515, 0, 0.60437, 1],
      sigmoid: [9.3576e-14, 0.18243, 0.5, 0.66819, 1],
      softplus: [9.3576e-14, 0.20141, Math.LN2, 1.10319, 40],
      elu: [-1, -0.77687, 0, 0.7, 40],
    };
    expect(Object.keys(found)).toEqual(Object.keys(expected));
    for (const [name, values] of Object.entries(expected))
      for (const [index, value] of values.entries()) expect(found[name]?.data[index], name).toBeCloseTo(value, 4);
    for (const [index, value] of [-3, -0.15, 0, 0.7, 40].entries()) expect(leaky?.data[index]).toBeCloseTo(value, 5);
  });

  it('pooling in windows that overlap and are framed counts as PyTorch does', async () => {
    const x = floats([1, 3, 4, 1], [-1, -2, -3, -4, -5, -6, -7, -8, -9, -10, -11, -12]);
    const windows = { size: 3, stride: 2, padding: 1 };
    const { most, mean } = await evaluate(
      (inputs) => ({ most: maxPooling(inputs.x as Four, windows), mean: averagePooling(inputs.x as Four, windows) }),
      { x },
    );
    expect(most).toMatchObject({ shape: [1, 2, 2, 1], data: Float32Array.of(-1, -2, -5, -6) });
    for (const [index, sum] of [-14, -30, -30, -54].entries()) expect(mean?.data[index]).toBeCloseTo(sum / 9, 5);
  });

  it('max pooling drops an odd last row and gives its gradient to the largest entry', async () => {
    const x = floats([1, 3, 2, 1], [1, 4, 3, 2, 9, 9]);
    const { y, slope } = await evaluate(
      (inputs) => ({
        y: maxPooling(inputs.x as Four),
        slope: tf.grad((input: tf.Tensor) => tf.sum(maxPooling(input as Four)))(inputs.x as tf.Tensor),
      }),
      { x },
    );
    expect(y).toMatchObject({ shape: [1, 1, 1, 1], data: Float32Array.of(4) });
    expect([...(slope as HostArray).data]).toEqual([0, 1, 0, 0, 0, 0]);
  });

  it('cross-entropy is right where exponentials would overflow', async () => {
    const inputs = { logits: floats([3, 2], [0, 0, 500, -500, 500, -500]), labels: whole([0, 0, 1]) };
    const { losses } = await evaluate(({ logits, labels }) => ({ losses: crossEntropy(logits as Two, labels as One) }), inputs);
    expect(losses?.data[0]).toBeCloseTo(Math.log(2), 6);
    expect([...(losses as HostArray).data].slice(1)).toEqual([0, 1000]);
  });

  it('counts an image as correct only when its label is the first of the largest logits', async () => {
    const inputs = { logits: floats([3, 3], [1, 3, 2, 5, 5, 0, 5, 5, 0]), labels: whole([1, 0, 1]) };
    const { correct } = await evaluate(({ logits, labels }) => ({ correct: topOneCorrect(logits as Two, labels as One) }), inputs);
    expect(correct).toEqual({ shape: [3], dtype: 'int32', data: Int32Array.of(1, 1, 0) });
  });
});

describe('projections', () => {
  const inputs = { point: randomArray([4, 5], 1, 2), centre: randomArray([4, 5], 2) };

  it('onto a box keeps every entry within the radius, and a second time changes nothing', async () => {
    const { once, twice } = await evaluate(({ point, centre }) => {
      const projected = projectLinf(point as tf.Tensor, centre as tf.Tensor, 0.25);
      return { once: projected, twice: projectLinf(projected, centre as tf.Tensor, 0.25) };
    }, inputs);
    expect(twice).toEqual(once);
    for (const [index, value] of (once as HostArray).data.entries()) {
      const [centre, point] = [inputs.centre.data[index] as number, inputs.point.data[index] as number];
      expect(value).toBeCloseTo(Math.min(Math.max(point, centre - 0.25), centre + 0.25), 6);
    }
  });
});
