/** tfjs kernels that move values without changing them, and those that make values of positions. */
import * as tf from '@tensorflow/tfjs-core';
import { EngineError } from '../../../errors.ts';
import { type ElementType, type Program, typeOf, type Value } from '../program.ts';
import { traceKernel, traceKernelOfMany } from '../tracer.ts';

type One = [Value];
const int32 = (name: string) => typeOf({ type: 'int32' }, name);

function reshape(program: Program, x: Value, shape: number[]): Value {
  if (shape.join() === x.shape.join()) return x;
  return program.add('Reshape', [x, program.integers(shape)], { shape, type: x.type }, { ...typeOf(x), ...int32('Tshape') });
}
traceKernel('Reshape', ['x'], (program, inputs, { shape }) => {
  const [x] = inputs as One;
  return reshape(program, x, tf.util.inferFromImplicitShape(shape as number[], tf.util.sizeFromShape([...x.shape])));
});
traceKernel('ExpandDims', ['input'], (program, inputs, { dim }) => {
  const [x] = inputs as One;
  const at = (dim as number) < 0 ? x.shape.length + 1 + (dim as number) : (dim as number);
  return reshape(program, x, [...x.shape.slice(0, at), 1, ...x.shape.slice(at)]);
});
traceKernel('Transpose', ['x'], (program, inputs, { perm }) => {
  const [x] = inputs as One;
  const order = perm as number[];
  const shape = order.map((axis) => x.shape[axis] as number);
  return program.add('Transpose', [x, program.integers(order)], { shape, type: x.type }, { ...typeOf(x), ...int32('Tperm') });
});
/** tf.broadcastTo runs as Tile. */
traceKernel('Tile', ['x'], (program, inputs, { reps }) => {
  const [x] = inputs as One;
  const repeats = reps as number[];
  const shape = x.shape.map((length, axis) => length * (repeats[axis] as number));
  const output = { shape, type: x.type };
  if (x.shape.every((length, axis) => length === 1 || repeats[axis] === 1))
    return program.add('BroadcastTo', [x, program.integers(shape)], output, { ...typeOf(x), ...int32('Tidx') });
  return program.add('Tile', [x, program.integers(repeats)], output, { ...typeOf(x), ...int32('Tmultiples') });
});
function slice(program: Program, x: Value, starts: readonly number[], shape: readonly number[]): Value {
  const operands = [x, program.integers(starts), program.integers(shape)];
  return program.add('Slice', operands, { shape, type: x.type }, { ...typeOf(x), ...int32('Index') });
}
traceKernel('Slice', ['x'], (program, inputs, { begin, size }) => {
  const [x] = inputs as One;
  const starts = begin as number[];
  const shape = (size as number[]).map((length, axis) => (length === -1 ? (x.shape[axis] as number) - (starts[axis] as number) : length));
  return slice(program, x, starts, shape);
});
traceKernelOfMany('SplitV', ['x'], (program, inputs, { numOrSizeSplits, axis }) => {
  const [x] = inputs as One;
  const at = tf.util.parseAxisParam(axis as number, [...x.shape])[0] as number;
  const sizes = tf.backend_util.prepareSplitSize({ shape: [...x.shape] } as tf.Tensor, numOrSizeSplits as number[] | number, at);
  let begin = 0;
  return sizes.map((size) => {
    const starts = x.shape.map((_, index) => (index === at ? begin : 0));
    begin += size;
    return slice(
      program,
      x,
      starts,
      x.shape.map((length, index) => (index === at ? size : length)),
    );
  });
});
traceKernel('PadV2', ['x'], (program, inputs, { paddings, constantValue }) => {
  const [x] = inputs as One;
  const margins = paddings as [number, number][];
  const shape = x.shape.map((length, axis) => length + (margins[axis]?.[0] ?? 0) + (margins[axis]?.[1] ?? 0));
  const operands = [
    x,
    program.literal(margins.flat(), [margins.length, 2], 'int32'),
    program.scalar((constantValue ?? 0) as number, x.type),
  ];
  return program.add('PadV2', operands, { shape, type: x.type }, { ...typeOf(x), ...int32('Tpaddings') });
});
traceKernel('Concat', 'list', (program, inputs, { axis }) => {
  const shapes = inputs.map(({ shape }) => [...shape]);
  const at = tf.util.parseAxisParam(axis as number, shapes[0] as number[])[0] as number;
  const output = { shape: tf.backend_util.computeOutShape(shapes, at), type: (inputs as One)[0].type };
  const options = { ...typeOf(output), ...int32('Tidx'), N: { int: inputs.length } };
  return program.add('ConcatV2', [...inputs, program.scalar(at, 'int32')], output, options);
});
traceKernel('GatherV2', ['x', 'indices'], (program, inputs, { axis, batchDims }) => {
  if (batchDims) throw new EngineError(`A step cannot gather with ${batchDims} batch dimensions on the tensorflow backend.`);
  const [x, indices] = inputs as [Value, Value];
  const at = tf.util.parseAxisParam((axis ?? 0) as number, [...x.shape])[0] as number;
  const shape = [...x.shape.slice(0, at), ...indices.shape, ...x.shape.slice(at + 1)];
  const options = { ...typeOf(x, 'Tparams'), ...typeOf(indices, 'Tindices'), ...int32('Taxis') };
  return program.add('GatherV2', [x, indices, program.scalar(at, 'int32')], { shape, type: x.type }, options);
});
/** 1 at the index, else 0, along a new last axis. */
traceKernel('OneHot', ['indices'], (program, inputs, { depth, onValue, offValue, dtype }) => {
  const [indices] = inputs as One;
  const type = (dtype ?? 'int32') as ElementType;
  const values = [onValue ?? 1, offValue ?? 0].map((value) => program.scalar(value as number, type));
  const output = { shape: [...indices.shape, depth as number], type };
  return program.add('OneHot', [indices, program.scalar(depth as number, 'int32'), ...values], output, {
    ...typeOf(output),
    ...typeOf(indices, 'TI'),
    axis: { int: -1 },
  });
});
