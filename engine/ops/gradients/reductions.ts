/** Gradients of kernels that reduce along axes. */
import * as tf from '@tensorflow/tfjs-core';
import { fusedSumOfProducts } from '../sum-of-products.ts';
import { gradientOf } from './register.ts';

type One = [tf.Tensor];

/** The axes of a reduction, whose attribute tfjs names differently from kernel to kernel. */
function reducedAxes(attributes: Record<string, unknown>, shape: number[]): number[] {
  return tf.util.parseAxisParam((attributes.axis ?? attributes.reductionIndices) as number[], shape);
}

/** The reduced value or its gradient, with the reduced axes back as axes of length one. */
function keepAxes(reduced: tf.Tensor, shape: number[], attributes: Record<string, unknown>): tf.Tensor {
  const axes = reducedAxes(attributes, shape);
  return tf.reshape(
    reduced,
    shape.map((length, axis) => (axes.includes(axis) ? 1 : length)),
  );
}

gradientOf('Sum', { inputs: ['x'] }, (dy, { inputs, attributes }) => {
  const { shape } = (inputs as One)[0];
  return { x: () => tf.broadcastTo(keepAxes(dy, shape, attributes), shape) };
});
gradientOf('Mean', { inputs: ['x'] }, (dy, { inputs, attributes }) => {
  const { shape, size } = (inputs as One)[0];
  return { x: () => tf.broadcastTo(tf.mul(keepAxes(dy, shape, attributes), dy.size / size), shape) };
});
gradientOf(fusedSumOfProducts, { inputs: ['a', 'b'] }, (dy, { inputs }) => {
  const [a, b] = inputs as [tf.Tensor, tf.Tensor];
  return { a: () => tf.mul(b, dy), b: () => tf.mul(a, dy) };
});
/** The gradient is shared evenly between equal extremes, as torch.amax does. */
for (const kernel of ['Max', 'Min'])
  gradientOf(kernel, { inputs: ['x'], output: true }, (dy, { inputs, outputs, attributes }) => {
    const x = (inputs as One)[0];
    return {
      x: () => {
        const extreme = tf.cast(tf.equal(x, keepAxes((outputs as One)[0], x.shape, attributes)), 'float32');
        const sharing = tf.sum(extreme, reducedAxes(attributes, x.shape), true);
        return tf.mul(extreme, tf.div(keepAxes(dy, x.shape, attributes), sharing));
      },
    };
  });
gradientOf('Softmax', { output: true }, (dy, { outputs }) => {
  const y = (outputs as One)[0];
  return { logits: () => tf.mul(y, tf.sub(dy, tf.sum(tf.mul(dy, y), -1, true))) };
});
gradientOf('LogSoftmax', { output: true }, (dy, { outputs }) => ({
  logits: () => tf.sub(dy, tf.mul(tf.exp((outputs as One)[0]), tf.sum(dy, -1, true))),
}));
