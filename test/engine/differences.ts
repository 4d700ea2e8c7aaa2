/** Gradients against central finite differences. */
import * as tf from '@tensorflow/tfjs-core';
import type { HostArray, HostArrays, Tensors } from '../../engine/backends/backend.ts';
import { CpuBackend } from '../../engine/backends/cpu.ts';
import { randomArray } from './arrays.ts';

const backend = new CpuBackend();

/**
 * Largest difference between the gradient of sum(weighting * output) and its finite differences, as a share of the
 * largest entry, over some entries of every float input.
 */
export async function gradientError(operation: (inputs: Tensors) => tf.Tensor, inputs: HostArrays, step = 1e-2): Promise<number> {
  const names = Object.keys(inputs).filter((name) => inputs[name]?.dtype === 'float32');
  const shaped = backend.compile('shape', (tensors) => ({ output: operation(tensors) }), { parallelism: 'calls' });
  const { output } = await shaped.run(inputs);
  const weighting = randomArray((output as HostArray).shape, 99);
  const scalar = (tensors: Tensors) => tf.sum(tf.mul(operation(tensors), tensors.weighting as tf.Tensor)) as tf.Scalar;
  const value = backend.compile('value', (tensors) => ({ value: scalar(tensors) }), { parallelism: 'calls' });
  const slopes = backend.compile(
    'gradient',
    (tensors) => {
      const gradients = tf.grads((...variables: tf.Tensor[]) => {
        const replaced = Object.fromEntries(names.map((name, index) => [name, variables[index] as tf.Tensor]));
        const rest = Object.fromEntries([...Object.keys(inputs), 'weighting'].map((name) => [name, tensors[name] as tf.Tensor]));
        return scalar({ ...rest, ...replaced });
      })(names.map((name) => tensors[name] as tf.Tensor));
      return Object.fromEntries(names.map((name, index) => [name, gradients[index] as tf.Tensor]));
    },
    { parallelism: 'calls' },
  );
  const gradients = await slopes.run({ ...inputs, weighting });
  const at = async (name: string, index: number, change: number) => {
    const array = inputs[name] as HostArray;
    const data = Float32Array.from(array.data);
    data[index] = (data[index] as number) + change;
    const { value: result } = await value.run({ ...inputs, [name]: { ...array, data }, weighting });
    return result?.data[0] as number;
  };
  let worst = 0;
  for (const name of names) {
    const gradient = (gradients[name] as HostArray).data as Float32Array;
    const largest = gradient.reduce((most, entry) => Math.max(most, Math.abs(entry)), 1e-3);
    for (let index = 0; index < gradient.length; index += Math.ceil(gradient.length / 12)) {
      const difference = ((await at(name, index, step)) - (await at(name, index, -step))) / (2 * step);
      worst = Math.max(worst, Math.abs(difference - (gradient[index] as number)) / largest);
    }
  }
  return worst;
}
