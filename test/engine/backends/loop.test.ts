/** A whole attack as one graph must compute what the steps one by one do. */
import * as tf from '@tensorflow/tfjs-core';
import ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import type { HostArray, HostArrays, Step } from '../../../engine/backends/backend.ts';
import { encodeConstants } from '../../../engine/backends/onnx/constants.ts';
import { repeat } from '../../../engine/backends/onnx/loop.ts';
import { trace } from '../../../engine/backends/onnx/trace.ts';
import { distance, randomArray, randomLabels } from '../arrays.ts';
import { attackStep, classes, networkWeights, trainingStep } from './steps.ts';

const specify = (arrays: HostArrays) =>
  Object.fromEntries(Object.entries(arrays).map(([name, { shape, dtype }]) => [name, { shape, dtype }]));

async function openSession(bytes: Uint8Array, constants: HostArrays, needed: string[]) {
  return ort.InferenceSession.create(Buffer.concat([bytes, encodeConstants(constants, needed)]), { intraOpNumThreads: 1 });
}

const toFeeds = (arrays: HostArrays) =>
  Object.fromEntries(Object.entries(arrays).map(([name, { shape, dtype, data }]) => [`input/${name}`, new ort.Tensor(dtype, data, shape)]));

function toArrays(results: ort.InferenceSession.ReturnType): HostArrays {
  return Object.fromEntries(
    Object.entries(results).map(([name, { dims, type, data }]) => [
      name.slice('output/'.length),
      { shape: [...dims], dtype: type, data } as HostArray,
    ]),
  );
}

/** The outputs of the last of `times` runs: by one session run so often, and by the loop. */
async function both(step: Step, inputs: HostArrays, constants: HostArrays, feed: Record<string, string>, times: number) {
  const graph = trace('test', step, specify(inputs), constants, 1);
  const loop = repeat(graph, feed);
  const [single, whole] = await Promise.all([graph, loop].map(({ bytes }) => openSession(bytes, constants, graph.constants)));
  let given = inputs;
  let stepwise: HostArrays = {};
  for (let done = 0; done < times; done++) {
    stepwise = toArrays(await (single as ort.InferenceSession).run(toFeeds(given)));
    given = { ...given, ...Object.fromEntries(Object.entries(feed).map(([output, input]) => [input, stepwise[output] as HostArray])) };
  }
  const feeds = { ...toFeeds(inputs), times: new ort.Tensor('int64', BigInt64Array.of(BigInt(times)), []) };
  return { stepwise, looped: toArrays(await (whole as ort.InferenceSession).run(feeds)) };
}

const images = randomArray([7, 8, 8, 3], 1, 0.5);
for (const [index, value] of images.data.entries()) images.data[index] = value + 0.5;
const labels = randomLabels(7, classes, 2);
const weights = networkWeights();
const { mean, variance, ...trained } = weights;

describe('a loop over a step', () => {
  it('attacks as the steps do one by one', async () => {
    const { stepwise, looped } = await both(
      attackStep,
      { images, adversarial: images, labels },
      weights,
      { adversarial: 'adversarial' },
      10,
    );
    expect(looped.adversarial).toEqual(stepwise.adversarial);
    expect(distance(looped.gradient as HostArray, stepwise.gradient as HostArray)).toBeLessThan(1e-6);
    expect(distance(looped.adversarial as HostArray, images)).toBeGreaterThan(0.02);
  });

  it('trains as the steps do one by one', async () => {
    const feed = Object.fromEntries(Object.keys(trained).map((name) => [name, name]));
    const { stepwise, looped } = await both(trainingStep, { ...trained, images, labels }, {}, feed, 4);
    for (const name of [...Object.keys(trained), 'losses'])
      expect(distance(looped[name] as HostArray, stepwise[name] as HostArray), name).toBeLessThan(1e-5);
  });

  const x = randomArray([3, 2], 1);
  const odd: Record<string, [step: Step, feed: Record<string, string>]> = {
    'an output that never changes': [({ x: a, c }) => ({ y: tf.add(a as tf.Tensor, 1), z: tf.mul(c as tf.Tensor, 2) }), { y: 'x' }],
    'an output fed back that never changes': [({ x: a, c }) => ({ y: tf.mul(c as tf.Tensor, 3), z: tf.neg(a as tf.Tensor) }), { y: 'x' }],
    'two values that change places': [({ x: a, c }) => ({ x: c as tf.Tensor, c: tf.neg(a as tf.Tensor) }), { x: 'x', c: 'c' }],
    'whole numbers and truth values': [
      ({ x: a, c }) => ({ y: tf.add(a as tf.Tensor, c as tf.Tensor), n: tf.argMax(a as tf.Tensor, 1), b: tf.less(a as tf.Tensor, 0) }),
      { y: 'x' },
    ],
    'a fed value handed on as it came': [({ x: a, c }) => ({ x: a as tf.Tensor, y: tf.add(a as tf.Tensor, c as tf.Tensor) }), { x: 'x' }],
  };
  it.each(Object.keys(odd))('takes %s', async (name) => {
    const [step, feed] = odd[name] as (typeof odd)[string];
    const { stepwise, looped } = await both(step, { x, c: randomArray([3, 2], 2) }, {}, feed, 3);
    expect(looped).toEqual(stepwise);
  });
});
