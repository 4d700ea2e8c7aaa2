/**
 * Loads a native module of TensorFlow in a process of its own and prints, as JSON, what it is: its version, whether it uses a
 * GPU, and whether a convolution and its gradients give numbers that are known. Plain JavaScript, as setup runs it too.
 * usage: node inspect.mjs BINDING
 */
import { createRequire } from 'node:module';

const binding = createRequire(import.meta.url)(process.argv[2]);
const [text, int, type, float32] = [0, 1, 4, 1];

/** Rows 1 2 3, 4 5 6, 7 8 9; the kernel adds a pixel to the one below and to the right of it, with one pixel of zeros around. */
const image = [1, 2, 3, 4, 5, 6, 7, 8, 9];
const known = {
  convolution: [1, 2, 3, 0, 4, 6, 8, 3, 7, 12, 14, 6, 0, 7, 8, 9],
  ofImage: [7, 10, 6, 16, 20, 14, 14, 20, 23],
  ofKernel: [379, 340, 340, 379],
};

const float = (shape, values) => binding.createTensor(shape, float32, Float32Array.from(values));
const shape = (values) => binding.createTensor([values.length], 3, Int32Array.from(values));
const attributes = [
  { name: 'T', type, value: float32 },
  { name: 'strides', type: int, value: [1, 1, 1, 1] },
  { name: 'padding', type: text, value: 'EXPLICIT' },
  { name: 'explicit_paddings', type: int, value: [0, 0, 1, 1, 1, 1, 0, 0] },
];
const run = (operator, ...inputs) => binding.executeOp(operator, attributes, inputs, 1)[0].id;

const x = float([1, 3, 3, 1], image);
const kernel = float([2, 2, 1, 1], [1, 0, 0, 1]);
const y = run('Conv2D', x, kernel);
const found = {
  convolution: y,
  ofImage: run('Conv2DBackpropInput', shape([1, 3, 3, 1]), kernel, y),
  ofKernel: run('Conv2DBackpropFilter', x, shape([2, 2, 1, 1]), y),
};
const wrong = Object.entries(known).flatMap(([name, expected]) => {
  const values = [...binding.tensorDataSync(found[name])];
  return values.length === expected.length && values.every((value, at) => Math.abs(value - expected[at]) < 1e-2 * expected[at] + 1e-6)
    ? []
    : [`${name}: ${values.join(' ')} instead of ${expected.join(' ')}`];
});
console.log(JSON.stringify({ version: binding.TF_Version, gpu: binding.isUsingGpuDevice(), wrong }));
