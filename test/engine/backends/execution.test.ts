import { readdirSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it } from 'vitest';
import { Ascent } from '../../../engine/attacks/ascent.ts';
import type { Backend, HostArray, HostArrays, Step } from '../../../engine/backends/backend.ts';
import { chooseBackend } from '../../../engine/backends/choose.ts';
import { takeRows } from '../../../engine/backends/rows.ts';
import { findDataset } from '../../../engine/data/catalogue.ts';
import { EngineError } from '../../../engine/errors.ts';
import { buildNetwork } from '../../../engine/models/architectures.ts';
import { initialWeights } from '../../../engine/weights/initial.ts';
import { describeBackends } from '../../helpers/backends.ts';
import { distance, randomArray, randomLabels } from '../arrays.ts';
import { attackStep, classes, forwardStep, networkWeights, trainingStep } from './steps.ts';

const images = randomArray([7, 8, 8, 3], 1, 0.5);
for (const [index, value] of images.data.entries()) images.data[index] = value + 0.5;
const labels = randomLabels(7, classes, 2);
const weights = networkWeights();
const attack = { images, adversarial: images, labels };

const open: Backend[] = [];
async function start(name: Backend['name'], threads = 2): Promise<Backend> {
  const backend = await chooseBackend({ name, threads });
  open.push(backend);
  return backend;
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((backend) => backend.dispose()));
});

const x = randomArray([3, 2], 1);
const doubled: Step = (inputs) => ({ y: tf.mul(inputs.x as tf.Tensor, 2) });

describe('a split by images', () => {
  it('gives the same values for any number of threads', async () => {
    const results: HostArrays[] = [];
    for (const threads of [1, 2, 3]) {
      const backend = await start('onnx', threads);
      results.push(await backend.compile('attack', attackStep, { parallelism: 'images', constants: weights }).run(attack));
    }
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });

  it.each([
    ['weights as inputs', 48],
    ['weights built in', 96],
  ])(
    'gives every image of a transformer the same gradient, whatever shares its call and on however many threads: %s',
    async (_name, dim) => {
      const dataset = findDataset('cifar10');
      const network = buildNetwork('VIT', { patch: 8, dim, depth: 3, heads: 3 }, dataset);
      const [pixels, truth] = [randomArray([11, 32, 32, 3], 5, 0.2), randomLabels(11, 10, 6)];
      const found: { adversarial: number[]; losses: number[] }[] = [];
      for (const [threads, calls] of [
        [1, [11]],
        [2, [11]],
        [3, [1, 4, 6]],
      ] as const) {
        const backend = await start('onnx', threads);
        const ascent = new Ascent(backend, network, { epsilon: 8 / 255, stepSize: 2 / 255, steps: 3 }, initialWeights(network, 0));
        const results = { adversarial: [] as number[], losses: [] as number[] };
        for (const count of calls) {
          const [images, labels] = [pixels, truth].map((all) => takeRows(all, results.losses.length, count)) as [HostArray, HostArray];
          const { adversarial, losses } = await ascent.advance({ images, labels, count }, images, 3);
          results.adversarial.push(...adversarial.data);
          results.losses.push(...losses);
        }
        found.push(results);
        await ascent.dispose();
      }
      expect(found[1]).toEqual(found[0]);
      expect(found[2]).toEqual(found[0]);
    },
  );

  it('takes fewer images than threads, and one more than it had', async () => {
    const backend = await start('onnx', 3);
    const step = backend.compile('forward', forwardStep, { parallelism: 'images', constants: weights });
    const all = await step.run({ images, labels });
    for (const rows of [1, 2, 4]) {
      const part = {
        images: { ...images, shape: [rows, 8, 8, 3], data: images.data.slice(0, rows * 192) },
        labels: { ...labels, shape: [rows], data: labels.data.slice(0, rows) },
      };
      const { losses } = await step.run(part);
      expect(losses?.shape).toEqual([rows]);
      expect(
        distance(losses as HostArray, { shape: [rows], dtype: 'float32', data: (all.losses as HostArray).data.slice(0, rows) }),
      ).toBeLessThan(1e-6);
    }
  });

  it('refuses outputs that do not have one row an image', async () => {
    const backend = await start('onnx');
    const step = backend.compile('total', (inputs) => ({ sum: tf.sum(inputs.x as tf.Tensor) }), { parallelism: 'images' });
    await expect(step.run({ x })).rejects.toThrow(/total: output sum is float32 \[\], .* one row an image/);
  });

  it('refuses inputs of different numbers of rows', async () => {
    const backend = await start('onnx');
    const step = backend.compile('attack', attackStep, { parallelism: 'images', constants: weights });
    await expect(step.run({ ...attack, labels: randomLabels(6, classes, 2) })).rejects.toThrow(
      /attack: labels is int32 \[6\].*one row an image/,
    );
  });
});

describeBackends([['onnx'], ['tensorflow'], ['cpu']], 'the %s backend', (name) => {
  it('feeds outputs back as often as repeated calls would', async () => {
    const backend = await start(name);
    const step = backend.compile('attack', attackStep, { parallelism: 'images', constants: weights });
    const { adversarial } = await step.run(attack, { times: 3, feed: { adversarial: 'adversarial' } });
    let repeated = images as HostArray;
    for (let times = 0; times < 3; times++) repeated = (await step.run({ ...attack, adversarial: repeated })).adversarial as HostArray;
    expect(adversarial).toEqual(repeated);
  });

  it('trains when a step feeds all its weights back', async () => {
    const backend = await start(name);
    const { mean, variance, ...trained } = weights;
    const step = backend.compile('training', trainingStep, { parallelism: 'threads' });
    const feed = Object.fromEntries(Object.keys(trained).map((weight) => [weight, weight]));
    const before = await step.run({ ...trained, images, labels });
    const after = await step.run({ ...trained, images, labels }, { times: 8, feed });
    const meanLoss = ({ losses }: HostArrays) => ((losses as HostArray).data as Float32Array).reduce((sum, loss) => sum + loss, 0) / 7;
    expect(meanLoss(after)).toBeLessThan(0.9 * meanLoss(before));
  });

  it('uses new constants after setConstants, in every session, and leaves the others alone', async () => {
    const backend = await start(name);
    const options = { parallelism: 'images', constants: weights } as const;
    const step = backend.compile('forward', forwardStep, options);
    const before = await step.run({ images, labels });
    const other = networkWeights(50);
    await step.setConstants({ middle: other.middle as HostArray });
    const changed = await step.run({ images, labels });
    const fresh = await backend
      .compile('forward', forwardStep, { ...options, constants: { ...weights, middle: other.middle as HostArray } })
      .run({ images, labels });
    expect(changed).toEqual(fresh);
    expect(distance(changed.logits as HostArray, before.logits as HostArray)).toBeGreaterThan(0.01);
  });

  it('gives concurrent calls their own results', async () => {
    const backend = await start(name);
    const step = backend.compile('double', doubled, { parallelism: 'calls' });
    const arrays = Array.from({ length: 9 }, (_, seed) => randomArray([3, 2], seed));
    const results = await Promise.all(arrays.map((array) => step.run({ x: array })));
    for (const [index, { y }] of results.entries())
      expect([...(y as HostArray).data]).toEqual([...(arrays[index] as HostArray).data].map((value) => 2 * value));
  });

  it('leaves the inputs as they were', async () => {
    const backend = await start(name);
    const before = images.data.slice();
    await backend
      .compile('attack', attackStep, { parallelism: 'images', constants: weights })
      .run(attack, { times: 2, feed: { adversarial: 'adversarial' } });
    expect(images.data).toEqual(before);
  });

  it('puts outputs in the place of inputs where it may, unless they share it, with the same values', async () => {
    const backend = await start(name);
    const step = backend.compile('attack', attackStep, { parallelism: 'images', constants: weights });
    const feed = { adversarial: 'adversarial' };
    const expected = await step.run(attack, { times: 2, feed });
    const own = { ...attack, adversarial: { ...images, data: images.data.slice() } };
    expect(await step.run(own, { times: 2, feed, inPlace: true })).toEqual(expected);
    const before = images.data.slice();
    expect(await step.run(attack, { times: 2, feed, inPlace: true })).toEqual(expected);
    expect(images.data).toEqual(before);
  });

  it('returns an input or a constant that a step passes on', async () => {
    const backend = await start(name);
    const step = backend.compile('pass', (inputs) => ({ x: inputs.x as tf.Tensor, c: inputs.c as tf.Tensor }), {
      parallelism: 'calls',
      constants: { c: randomArray([2], 3) },
    });
    expect(await step.run({ x })).toEqual({ x, c: randomArray([2], 3) });
  });

  it('holds nothing after everything was disposed, however often it was used', async () => {
    const backend = await start(name);
    const tensors = tf.memory().numTensors;
    for (const rows of [2, 7]) {
      const step = backend.compile('attack', attackStep, { parallelism: 'images', constants: weights });
      const part = Object.fromEntries(
        Object.entries(attack).map(([key, array]) => [
          key,
          { ...array, shape: [rows, ...array.shape.slice(1)], data: array.data.slice(0, (array.data.length / 7) * rows) },
        ]),
      );
      await step.run(part);
      await step.run(part, { times: 2, feed: { adversarial: 'adversarial' } });
      expect(backend.sessions).toBeGreaterThan(0);
      await step.dispose();
      await step.dispose();
      expect(backend.sessions).toBe(0);
      expect(tf.memory().numTensors).toBe(tensors);
      await expect(step.run(part)).rejects.toThrow('attack: this step has been disposed.');
      await expect(step.setConstants({})).rejects.toThrow('disposed');
    }
  });

  const wrong: Record<string, [step: Step, inputs: HostArrays, message: RegExp]> = {
    'an input that is missing': [doubled, {}, /test: the step reads x, which is neither an input nor a constant/],
    'an input that is not read': [doubled, { x, z: x }, /test: the step does not read z/],
    'an array shorter than its shape': [doubled, { x: { ...x, shape: [3, 3] } }, /test: x is float32 \[3, 3\] but holds 6 values/],
    'an array of another type than it says': [doubled, { x: { ...x, dtype: 'int32' } }, /test: x says int32 but its data is another type/],
    'an array of an unknown type': [doubled, { x: { ...x, dtype: 'float64' as 'float32' } }, /test: x has the type float64/],
    'shapes that do not fit': [({ x: a }) => ({ y: tf.add(a as tf.Tensor, tf.zeros([5])) }), { x }, /test: .*3,2.*5/],
    'a constant as an input': [doubled, { x, c: x }, /test: c is a constant of this step/],
  };
  it.each(Object.keys(wrong))('refuses %s', async (key) => {
    const [step, inputs, message] = wrong[key] as (typeof wrong)[string];
    const backend = await start(name);
    const compiled = backend.compile('test', step, { parallelism: 'calls', constants: { c: x } });
    await expect(compiled.run(inputs)).rejects.toThrow(EngineError);
    await expect(compiled.run(inputs)).rejects.toThrow(message);
  });

  it('refuses impossible repetitions and feeds', async () => {
    const backend = await start(name);
    const step = backend.compile('test', doubled, { parallelism: 'calls' });
    await expect(step.run({ x }, { times: 0 })).rejects.toThrow('test: cannot run 0 times');
    await expect(step.run({ x }, { times: 2, feed: { y: 'z' } })).rejects.toThrow('test: cannot feed y to z, which is no input');
    await expect(step.run({ x }, { times: 2, feed: { z: 'x' } })).rejects.toThrow('test: cannot feed z to x: the step has no such output');
    const other = backend.compile('sum', (inputs) => ({ y: tf.sum(inputs.x as tf.Tensor) }), { parallelism: 'calls' });
    await expect(other.run({ x }, { times: 2, feed: { y: 'x' } })).rejects.toThrow('sum: cannot feed y, float32 [], to x, float32 [3, 2]');
  });

  it('refuses constants of other names or shapes', async () => {
    const backend = await start(name);
    const step = backend.compile('test', doubled, { parallelism: 'calls', constants: { x } });
    await expect(step.setConstants({ z: x })).rejects.toThrow('test: z is no constant of this step');
    await expect(step.setConstants({ x: randomArray([2], 1) })).rejects.toThrow('test: constant x was float32 [3, 2], is now float32 [2]');
    expect(distance((await step.run({})).y as HostArray, { ...x, data: (x.data as Float32Array).map((value) => 2 * value) })).toBe(0);
  });
});

describe('what cannot be traced', () => {
  const refused: Record<string, [step: Step, message: RegExp]> = {
    'an operation without a kernel': [({ x: a }) => ({ y: tf.asinh(a as tf.Tensor) }), /test: The tfjs operation Asinh is not known/],
    'an operation without a gradient': [
      ({ x: a }) => ({ y: tf.grad((b: tf.Tensor) => tf.sum(tf.gather(b, tf.tensor1d([0], 'int32'))))(a as tf.Tensor) }),
      /test: The engine has no gradient for the tfjs operation GatherV2/,
    ],
    'reading values back': [
      ({ x: a }) => ({ y: tf.scalar((a as tf.Tensor).dataSync()[0] as number) }),
      /test: A step cannot read values back/,
    ],
  };
  it.each(Object.keys(refused))('%s', async (key) => {
    const [step, message] = refused[key] as (typeof refused)[string];
    const backend = await start('onnx');
    const compiled = backend.compile('test', step, { parallelism: 'calls' });
    await expect(compiled.run({ x })).rejects.toThrow(EngineError);
    await expect(compiled.run({ x })).rejects.toThrow(message);
    expect(await backend.compile('test', doubled, { parallelism: 'calls' }).run({ x })).toHaveProperty('y');
  });

  it('a tensor made outside of the step', async () => {
    const cpu = await start('cpu');
    let outside: tf.Tensor | undefined;
    await cpu
      .compile(
        'make',
        (inputs) => {
          outside = tf.keep(tf.mul(inputs.x as tf.Tensor, 2));
          return { y: outside };
        },
        { parallelism: 'calls' },
      )
      .run({ x });
    const backend = await start('onnx');
    const step = backend.compile('test', (inputs) => ({ y: tf.add(inputs.x as tf.Tensor, outside as tf.Tensor) }), {
      parallelism: 'calls',
    });
    await expect(step.run({ x })).rejects.toThrow('test: The step uses a tensor made outside of it.');
    outside?.dispose();
  });
});

describe('choosing a backend', () => {
  it('takes onnx by default', async () => {
    const backend = await chooseBackend();
    open.push(backend);
    expect(backend).toMatchObject({ name: 'onnx', kind: 'cpu', sessions: 0 });
    expect(backend.threads).toBeGreaterThan(0);
  });

  it('names the backends there are', async () => {
    await expect(chooseBackend({ name: 'abacus' })).rejects.toMatchObject({
      message: 'There is no backend abacus for cpu.',
      hint: expect.stringContaining('onnx'),
    });
    await expect(chooseBackend({ threads: 0 })).rejects.toThrow('A backend cannot use 0 threads');
  });

  it.runIf(process.platform === 'linux')('has ended its threads when it is disposed', async () => {
    const threads = () => readdirSync('/proc/self/task').length;
    const use = async () => {
      const backend = await chooseBackend({ threads: 3 });
      await backend.compile('forward', forwardStep, { parallelism: 'images', constants: weights }).run({ images, labels });
      await backend.compile('training', forwardStep, { parallelism: 'threads', constants: weights }).run({ images, labels });
      const during = threads();
      await backend.dispose();
      return during;
    };
    await use();
    const before = threads();
    expect(await use()).toBeGreaterThanOrEqual(before + 3);
    expect(threads()).toBeLessThanOrEqual(before);
  });

  it('ends runs under way with an error when it is disposed', async () => {
    const backend = await start('onnx');
    const step = backend.compile('attack', attackStep, { parallelism: 'images', constants: weights });
    await step.run(attack);
    const running = step.run(attack, { times: 10_000, feed: { adversarial: 'adversarial' } });
    const [outcome] = await Promise.allSettled([running, backend.dispose()]);
    expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(EngineError) });
  });
});
