/** Gradients of matrix products, convolution and pooling. */
import * as tf from '@tensorflow/tfjs-core';
import { gradientOf } from './register.ts';

type Pair = [tf.Tensor, tf.Tensor];
const run = (kernel: string, inputs: tf.NamedTensorMap, attributes: Record<string, unknown>) =>
  tf.engine().runKernel(kernel, inputs, attributes as unknown as tf.NamedAttrMap) as tf.Tensor;

gradientOf('BatchMatMul', { inputs: ['a', 'b'] }, (dy, { inputs, attributes }) => {
  const [a, b] = inputs as Pair;
  const { transposeA, transposeB } = attributes as { transposeA: boolean; transposeB: boolean };
  return {
    a: () => (transposeA ? tf.matMul(b, dy, transposeB, true) : tf.matMul(dy, b, false, !transposeB)),
    b: () => (transposeB ? tf.matMul(dy, a, true, transposeA) : tf.matMul(a, dy, !transposeA, false)),
  };
});
gradientOf('Conv2D', { inputs: ['x', 'filter'] }, (dy, { inputs, attributes }) => {
  const [x, filter] = inputs as Pair;
  const { strides, pad, dataFormat, dimRoundingMode } = attributes;
  const common = { strides, pad, dataFormat, dimRoundingMode };
  return {
    x: () => run('Conv2DBackpropInput', { dy, filter }, { ...common, inputShape: x.shape }),
    filter: () => run('Conv2DBackpropFilter', { x, dy }, { ...common, filterShape: filter.shape }),
  };
});
gradientOf('MaxPool', { inputs: ['x'], output: true }, (dy, { inputs, outputs, attributes }) => {
  const { filterSize, strides, pad, dimRoundingMode } = attributes;
  return {
    x: () =>
      run(
        'MaxPoolGrad',
        { dy, input: inputs[0] as tf.Tensor, output: outputs[0] as tf.Tensor },
        { filterSize, strides, pad, dimRoundingMode },
      ),
  };
});
