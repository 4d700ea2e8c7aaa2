import * as tf from '@tensorflow/tfjs-core';
import type { Backend, Step } from '../../../engine/backends/backend.ts';
import { OutOfMemoryError } from '../../../engine/errors.ts';
import { onDevice, type Section } from '../section.ts';

/** A step whose one value takes 4 bytes x count x count. */
const square =
  (count: number): Step =>
  ({ x }) => {
    const column = tf.reshape(tf.mul(x as tf.Tensor, 2), [count, 1]);
    return { y: tf.sum(tf.sqrt(tf.add(column, tf.reshape(x as tf.Tensor, [1, count])))) };
  };
const total: Step = ({ x }) => ({ y: tf.sum(x as tf.Tensor) });

/** Four tebibytes are more than any device has; WebGPU counts to 2^32 only: 15 GiB. */
const sides = { cpu: 2 ** 20, cuda: 2 ** 20, webgpu: 63_000 };

async function tryBoth(backend: Backend): Promise<{ failure: unknown; isWell: boolean }> {
  const count = sides[backend.kind];
  const inputs = { x: { shape: [count], dtype: 'float32' as const, data: new Float32Array(count).fill(1) } };
  const large = backend.compile('too large', square(count), { parallelism: 'calls' });
  const failure = await large.run(inputs).catch((error) => error);
  await large.dispose();
  const small = backend.compile('small', total, { parallelism: 'calls' });
  const { y } = await small.run(inputs);
  await small.dispose();
  return { failure, isWell: y?.data[0] === count };
}

/** A call that cannot fit fails as one that may be halved, and the device goes on. */
export const memory: Section = {
  name: 'memory',
  limitMinutes: 5,
  async run(settings, report) {
    const { failure, isWell } = await onDevice(settings, false, tryBoth);
    const isRight = failure instanceof OutOfMemoryError;
    const said = failure instanceof Error ? failure.message.split('\n')[0]?.slice(0, 200) : 'it did not fail';
    const fits = settings.device.kind === 'webgpu' && !(failure instanceof Error);
    if (fits) report({ name: 'a call that is too large', state: 'skipped', text: 'WebGPU can ask for no more than this device has' });
    else
      report({ name: 'a call that is too large', state: isRight ? 'ok' : 'failed', text: isRight ? 'fails as out of memory' : `${said}` });
    report({ name: 'the call after it', state: isWell ? 'ok' : 'failed', text: isWell ? 'computes as before' : 'computes wrong numbers' });
  },
};
