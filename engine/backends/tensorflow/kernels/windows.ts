/** Convolution with its gradients, and maximum pooling: what slides a window over [images, height, width, channels]. */
import * as tf from '@tensorflow/tfjs-core';
import { EngineError } from '../../../errors.ts';
import type { Attributes, Program, Value } from '../program.ts';
import { type KernelAttributes, traceKernel } from '../tracer.ts';

type Shape4 = [number, number, number, number];
type Sides = Pick<tf.backend_util.PadInfo, 'top' | 'bottom' | 'left' | 'right'>;

const none: Sides = { top: 0, bottom: 0, left: 0, right: 0 };
const isNone = ({ top, bottom, left, right }: Sides) => top + bottom + left + right === 0;

/** What TensorFlow calls SAME: outputs at every stride, with the larger half of the padding at the end. */
function isSame(side: number, window: number, stride: number, before: number, after: number): boolean {
  const total = Math.max((Math.ceil(side / stride) - 1) * stride + window - side, 0);
  return before === Math.floor(total / 2) && after === total - before;
}

interface Convolution {
  /** Strides and dilations. */
  sizes: Attributes;
  pads: Sides;
  same: boolean;
  output: Shape4;
  /** The padding that a position of the kernel touches: a stride may leave out the last row or column. */
  touched: Sides;
}

function convolution(inputShape: readonly number[], filterShape: readonly number[], attributes: KernelAttributes): Convolution {
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
  const { padInfo: pads, effectiveFilterHeight: rows, effectiveFilterWidth: columns, strideHeight, strideWidth } = info;
  const reach = (outputs: number, stride: number, window: number, side: number, before: number) =>
    Math.max(0, (outputs - 1) * stride + window - side - before);
  return {
    sizes: {
      T: { type: 'float32' },
      strides: { int: [1, strideHeight, strideWidth, 1] },
      dilations: { int: [1, info.dilationHeight, info.dilationWidth, 1] },
    },
    pads,
    same:
      isSame(info.inHeight, rows, strideHeight, pads.top, pads.bottom) && isSame(info.inWidth, columns, strideWidth, pads.left, pads.right),
    output: info.outShape,
    touched: {
      ...pads,
      bottom: reach(info.outHeight, strideHeight, rows, info.inHeight, pads.top),
      right: reach(info.outWidth, strideWidth, columns, info.inWidth, pads.left),
    },
  };
}

const fast = ({ pads, same }: Pick<Convolution, 'pads' | 'same'>): Attributes | undefined => {
  if (isNone(pads)) return { padding: { text: 'VALID' } };
  return same ? { padding: { text: 'SAME' } } : undefined;
};

const explicit = ({ top, bottom, left, right }: Sides): Attributes => ({
  padding: { text: 'EXPLICIT' },
  explicit_paddings: { int: [0, 0, top, bottom, left, right, 0, 0] },
});

traceKernel('Conv2D', ['x', 'filter'], (program, inputs, attributes) => {
  const [x, filter] = inputs as [Value, Value];
  const geometry = convolution(x.shape, filter.shape, attributes);
  const padding = fast(geometry) ?? explicit(geometry.pads);
  return program.add('Conv2D', [x, filter], { shape: geometry.output, type: 'float32' }, { ...geometry.sizes, ...padding });
});

/** The shape with room for the padding. */
function framed([images, height, width, channels]: readonly number[], { top, bottom, left, right }: Sides): number[] {
  return [images as number, (height as number) + top + bottom, (width as number) + left + right, channels as number];
}

/**
 * The gradients have a fast path (oneDNN's) for no padding and for SAME only; other padding is stored, which costs one pass
 * over the images instead of ten times the time.
 */
traceKernel('Conv2DBackpropInput', ['dy', 'filter'], (program, inputs, attributes) => {
  const [dy, filter] = inputs as [Value, Value];
  const shape = attributes.inputShape as number[];
  const geometry = convolution(shape, filter.shape, attributes);
  const pads = fast(geometry) ? none : geometry.touched;
  const whole = framed(shape, pads);
  const options = { ...geometry.sizes, ...(fast(geometry) ?? { padding: { text: 'VALID' } }) };
  const gradient = program.add('Conv2DBackpropInput', [program.integers(whole), filter, dy], { shape: whole, type: 'float32' }, options);
  if (isNone(pads)) return gradient;
  const bounds = [program.integers([0, pads.top, pads.left, 0]), program.integers(shape)];
  return program.add('Slice', [gradient, ...bounds], { shape, type: 'float32' }, { T: { type: 'float32' }, Index: { type: 'int32' } });
});
traceKernel('Conv2DBackpropFilter', ['x', 'dy'], (program, inputs, attributes) => {
  const [x, dy] = inputs as [Value, Value];
  const shape = attributes.filterShape as number[];
  const geometry = convolution(x.shape, shape, attributes);
  const options = { ...geometry.sizes, ...(fast(geometry) ?? { padding: { text: 'VALID' } }) };
  const source = fast(geometry) ? x : surround(program, x, geometry.touched);
  return program.add('Conv2DBackpropFilter', [source, program.integers(shape), dy], { shape, type: 'float32' }, options);
});

/** Zeros around the images. */
function surround(program: Program, x: Value, pads: Sides): Value {
  const { top, bottom, left, right } = pads;
  const margins = program.literal([0, 0, top, bottom, left, right, 0, 0], [4, 2], 'int32');
  const options: Attributes = { T: { type: 'float32' }, Tpaddings: { type: 'int32' } };
  return program.add('Pad', [x, margins], { shape: framed(x.shape, pads), type: 'float32' }, options);
}

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
    ...(isNone(info.padInfo) ? { padding: { text: 'VALID' } } : explicit(info.padInfo)),
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
