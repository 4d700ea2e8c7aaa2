/** Convolution with its gradients, and maximum pooling: what slides a window over [images, height, width, channels]. */
import * as tf from '@tensorflow/tfjs-core';
import { EngineError } from '../../../errors.ts';
import type { Attributes, Value } from '../program.ts';
import { type KernelAttributes, traceKernel } from '../tracer.ts';

type Shape4 = [number, number, number, number];
type Padding = tf.backend_util.PadInfo;

/** TensorFlow takes any padding as numbers; where there is none its faster paths need to hear so. */
function padding({ top, bottom, left, right }: Padding): Attributes {
  if (top + bottom + left + right === 0) return { padding: { text: 'VALID' } };
  return { padding: { text: 'EXPLICIT' }, explicit_paddings: { int: [0, 0, top, bottom, left, right, 0, 0] } };
}

function convolution(inputShape: readonly number[], filterShape: readonly number[], attributes: KernelAttributes) {
  const { strides, pad, dilations, dimRoundingMode, dataFormat } = attributes;
  if (dataFormat !== undefined && dataFormat !== 'NHWC')
    throw new EngineError(`A convolution in the layout ${dataFormat} is not known; use NHWC.`);
  const info = tf.backend_util.computeConv2DInfo(
    [...inputShape] as Shape4,
    [...filterShape] as Shape4,
    strides as [number, number],
    (dilations ?? 1) as number,
    pad as number,
    dimRoundingMode as 'floor' | undefined,
  );
  const sizes: Attributes = {
    T: { type: 'float32' },
    strides: { int: [1, info.strideHeight, info.strideWidth, 1] },
    dilations: { int: [1, info.dilationHeight, info.dilationWidth, 1] },
    ...padding(info.padInfo),
  };
  return { sizes, output: info.outShape };
}

traceKernel('Conv2D', ['x', 'filter'], (program, inputs, attributes) => {
  const [x, filter] = inputs as [Value, Value];
  const { sizes, output } = convolution(x.shape, filter.shape, attributes);
  return program.add('Conv2D', [x, filter], { shape: output, type: 'float32' }, sizes);
});
traceKernel('Conv2DBackpropInput', ['dy', 'filter'], (program, inputs, attributes) => {
  const [dy, filter] = inputs as [Value, Value];
  const shape = attributes.inputShape as number[];
  const { sizes } = convolution(shape, filter.shape, attributes);
  return program.add('Conv2DBackpropInput', [program.integers(shape), filter, dy], { shape, type: 'float32' }, sizes);
});
traceKernel('Conv2DBackpropFilter', ['x', 'dy'], (program, inputs, attributes) => {
  const [x, dy] = inputs as [Value, Value];
  const shape = attributes.filterShape as number[];
  const { sizes } = convolution(x.shape, shape, attributes);
  return program.add('Conv2DBackpropFilter', [x, program.integers(shape), dy], { shape, type: 'float32' }, sizes);
});

function pooling(shape: readonly number[], { filterSize, strides, pad, dimRoundingMode }: KernelAttributes) {
  const info = tf.backend_util.computePool2DInfo(
    [...shape] as Shape4,
    filterSize as [number, number],
    strides as [number, number],
    1,
    pad as number,
    dimRoundingMode as 'floor' | undefined,
  );
  const sizes: Attributes = {
    T: { type: 'float32' },
    ksize: { int: [1, info.filterHeight, info.filterWidth, 1] },
    strides: { int: [1, info.strideHeight, info.strideWidth, 1] },
    ...padding(info.padInfo),
  };
  return { sizes, output: info.outShape };
}

traceKernel('MaxPool', ['x'], (program, inputs, attributes) => {
  const [x] = inputs as [Value];
  const { sizes, output } = pooling(x.shape, attributes);
  return program.add('MaxPool', [x], { shape: output, type: 'float32' }, sizes);
});
traceKernel('MaxPoolGrad', ['dy', 'input', 'output'], (program, inputs, attributes) => {
  const [dy, input, output] = inputs as [Value, Value, Value];
  return program.add('MaxPoolGrad', [input, output, dy], input, pooling(input.shape, attributes).sizes);
});
