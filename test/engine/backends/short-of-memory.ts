/** A process that takes its own memory away and then predicts a batch that does not fit any more; says how that went as JSON. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import type { CompileOptions, HostArray, Rows, Step } from '../../../engine/backends/backend.ts';
import { type Halved, halving } from '../../../engine/backends/halving.ts';
import { OnnxBackend } from '../../../engine/backends/onnx/onnx.ts';
import { randomArray } from '../arrays.ts';

const megabyte = 2 ** 20;
const [spare = 0, images = 0] = process.argv.slice(2).map(Number);

/** 64 maps of 64 x 64 an image: a megabyte each. */
const step: Step = ({ images, kernel }) => {
  const maps = tf.conv2d(images as tf.Tensor4D, kernel as tf.Tensor4D, 1, 'same');
  return { means: tf.mean(tf.relu(tf.conv2d(maps as tf.Tensor4D, tf.ones([1, 1, 64, 64]), 1, 'same')), [1, 2]) };
};

const halved: Halved[] = [];
const real = new OnnxBackend({ threads: 1 });
const backend = halving(real, (one) => halved.push(one));
const rows: Rows = { inputs: ['images'], outputs: () => 'rows', exact: true };
const options: CompileOptions = { parallelism: 'threads', constants: { kernel: randomArray([3, 3, 3, 64], 1) }, rows };
const batch = randomArray([images, 64, 64, 3], 2);
const rowsOf = (count: number): HostArray => ({ ...batch, shape: [count, 64, 64, 3], data: batch.data.slice(0, count * 64 * 64 * 3) });

const compiled = backend.compile('prediction', step, options);
const first = await compiled.run({ images: rowsOf(2) });
const used = Number(/VmSize:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;
execFileSync('prlimit', [`--pid=${process.pid}`, `--as=${used + spare * megabyte}`]);
let raw = '';
try {
  const alone = real.compile('prediction', step, options);
  await alone.run({ images: batch });
} catch (error) {
  raw = `${(error as Error).name}: ${(error as Error).message}`;
}
const outputs = await compiled.run({ images: batch });
const same = [...(first.means as HostArray).data].every(
  (value, index) => Math.abs(value - (outputs.means?.data[index] as number)) < 1e-5 * Math.abs(value),
);
console.log(JSON.stringify({ raw, halved, shape: outputs.means?.shape, same }));
process.exit(0);
