/** Weights that stay for many runs are built into what a CPU runs, where much is multiplied by them. */
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, expect, it } from 'vitest';
import type { HostArrays, Step } from '../../../engine/backends/backend.ts';
import { OnnxBackend } from '../../../engine/backends/onnx/onnx.ts';
import { trace } from '../../../engine/backends/onnx/trace.ts';
import { distance, randomArray } from '../arrays.ts';

const backend = new OnnxBackend({ threads: 2 });
afterAll(() => backend.dispose());

const features = 640;
const x = randomArray([6, features], 1, 1);
const weightsOf = (seed: number): HostArrays => ({
  weight: randomArray([features, features], seed, 0.05),
  scale: randomArray([features], seed + 1, 1),
  bias: randomArray([features], seed + 2, 1),
});

/** Multiplies by what is prepared of two constants, and adds a third. */
const step: Step = (inputs) => {
  const { weight, scale, bias } = inputs as { weight: tf.Tensor2D; scale: tf.Tensor; bias: tf.Tensor };
  return { y: tf.add(tf.matMul(inputs.x as tf.Tensor2D, tf.mul(weight, tf.reshape(scale, [-1, 1])) as tf.Tensor2D), bias) };
};

async function run(constants: HostArrays, lasting: boolean, later?: HostArrays): Promise<HostArrays> {
  const compiled = backend.compile('product', step, { parallelism: 'images', constants, lasting });
  await compiled.run({ x });
  if (later) await compiled.setConstants(later);
  const outputs = await compiled.run({ x });
  await compiled.dispose();
  return outputs;
}

it('gives what weights as inputs give, up to rounding', async () => {
  const [fed, built] = await Promise.all([run(weightsOf(2), false), run(weightsOf(2), true)]);
  expect(distance(built.y as never, fed.y as never)).toBeLessThan(2e-6);
});

it('takes new weights as if it had been given them first', async () => {
  const [fresh, changed] = await Promise.all([run(weightsOf(7), true), run(weightsOf(2), true, weightsOf(7))]);
  expect(changed).toEqual(fresh);
  const bias = randomArray([features], 11, 1);
  expect(await run(weightsOf(2), true, { bias })).toEqual(await run({ ...weightsOf(2), bias }, true));
});

it('holds no session afterwards', () => expect(backend.sessions).toBe(0));

it('builds in what is worth it', () => {
  const builtOf = (rows: number, wanted: boolean) => {
    const weight = { shape: [rows, features], dtype: 'float32' as const, data: new Float32Array(rows * features) };
    const constants = { weight, unread: weight };
    const product: Step = (inputs) => ({ y: tf.matMul(inputs.x as tf.Tensor2D, inputs.weight as tf.Tensor2D) });
    return trace('product', product, { x: { shape: [2, rows], dtype: 'float32' } }, constants, 16, true, wanted).built;
  };
  expect(builtOf(features, true)).toEqual(['constant/weight']);
  expect(builtOf(features, false)).toEqual([]);
  expect(builtOf(64, true)).toEqual([]);
});
